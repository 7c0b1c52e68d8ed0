//! Modules that come with a language, by the names under which they are used.

use bodkin_workspace::Language;

/// Python's, without those that no program names (`idlelib`, `lib2to3`) and those that are gone.
const PYTHON: &str = "abc argparse array ast asyncio atexit base64 bdb binascii bisect builtins bz2 calendar cmath cmd \
    code codecs codeop collections colorsys compileall concurrent configparser contextlib contextvars copy copyreg csv \
    ctypes curses dataclasses datetime dbm decimal difflib dis doctest email encodings ensurepip enum errno \
    faulthandler fcntl filecmp fileinput fnmatch fractions ftplib functools gc getopt getpass gettext glob graphlib grp \
    gzip hashlib heapq hmac html http imaplib importlib inspect io ipaddress itertools json keyword linecache locale \
    logging lzma mailbox marshal math mimetypes mmap modulefinder multiprocessing netrc numbers operator os pathlib \
    pdb pickle pickletools pkgutil platform plistlib poplib posixpath pprint profile pstats pty pwd py_compile pyclbr \
    pydoc queue quopri random re readline reprlib resource runpy sched secrets select selectors shelve shlex shutil \
    signal site smtplib socket socketserver sqlite3 ssl stat statistics string stringprep struct subprocess symtable \
    sys sysconfig syslog tarfile tempfile termios textwrap threading time timeit tkinter token tokenize tomllib trace \
    traceback tracemalloc tty turtle types typing unicodedata unittest urllib uuid venv warnings wave weakref \
    webbrowser winreg wsgiref xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";

/// Node's.
const NODE: &str = "assert async_hooks buffer child_process cluster crypto dgram dns events fs http http2 https net os \
    path perf_hooks process querystring readline stream timers tls tty url util v8 vm worker_threads zlib";

/// Whether a name is that of a module of the language's own library.
pub(super) fn is_module(language: Language, name: &str) -> bool {
    let list = match language {
        Language::Python => PYTHON,
        Language::JavaScript | Language::TypeScript | Language::Tsx => NODE,
    };
    list.split_ascii_whitespace().any(|it| it == name)
}
