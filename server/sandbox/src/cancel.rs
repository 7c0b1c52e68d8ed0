//! A switch that stops a run from another thread, and wakes whoever waits for something else.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Cloned freely; all clones are one switch, which is thrown once and never back.
#[derive(Clone, Default)]
pub struct Cancel {
    inner: Arc<Inner>,
}

struct Inner {
    thrown: AtomicBool,
    #[cfg(target_os = "linux")]
    wake: Option<std::os::fd::OwnedFd>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            thrown: AtomicBool::new(false),
            #[cfg(target_os = "linux")]
            wake: {
                use rustix::event::{EventfdFlags, eventfd};
                eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK).ok()
            },
        }
    }
}

impl Cancel {
    /// A switch that is not thrown.
    pub fn new() -> Self {
        Self::default()
    }

    /// Throws the switch; whoever polls [`Cancel::as_fd`] wakes up.
    pub fn cancel(&self) {
        self.inner.thrown.store(true, Ordering::SeqCst);
        #[cfg(target_os = "linux")]
        if let Some(wake) = &self.inner.wake {
            // A full counter has woken everybody already.
            let _ = rustix::io::write(wake, &1_u64.to_ne_bytes());
        }
    }

    /// Whether the switch was thrown.
    pub fn is_cancelled(&self) -> bool {
        self.inner.thrown.load(Ordering::SeqCst)
    }

    /// Readable for ever once the switch is thrown. `None` if the system had no descriptor to
    /// spare: then look at [`Cancel::is_cancelled`] every 50 ms or so.
    #[cfg(target_os = "linux")]
    pub fn as_fd(&self) -> Option<std::os::fd::BorrowedFd<'_>> {
        use std::os::fd::AsFd;
        self.inner.wake.as_ref().map(AsFd::as_fd)
    }
}

impl fmt::Debug for Cancel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Cancel").field(&self.is_cancelled()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_clone_sees_the_switch_thrown() {
        let switch = Cancel::new();
        let other = switch.clone();
        assert!(!other.is_cancelled());
        switch.cancel();
        assert!(other.is_cancelled());
    }
}
