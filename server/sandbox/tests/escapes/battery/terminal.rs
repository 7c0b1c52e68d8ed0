//! The terminal of whoever started all this.

use super::{Cage, Ground, Kind};

/// Attempt 27: nothing can be typed into it, and into none of its own either, so that no filter is needed for
/// one that is passed on. The control types into a terminal of its own without walls, where the kernel still
/// lets anybody (`legacy_tiocsti`) or a privileged one.
pub(crate) fn there_is_no_terminal_to_type_into(cage: &impl Cage) {
    let ground = Ground::new();
    let control = ground.open_room(&["terminal"]);
    assert_eq!(control.outcome("TIOCSTI own terminal"), "ok");
    let said = cage.attack(&ground, &["terminal"]);
    let mut through = said.successes();
    // An engine's filter lets a program type into a terminal that it made itself.
    through.retain(|name| cage.kind() != Kind::Container || !name.contains("own terminal"));
    assert_eq!(through, Vec::<&str>::new());
}
