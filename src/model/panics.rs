//! Catches panics of libraries and turns them into errors. Their message is not printed: it has a path of the machine that
//! built the program.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static IS_CAUGHT: Cell<bool> = const { Cell::new(false) };
}

/// A panic that was caught, with its text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct CaughtPanic(String);

/// Runs `work`. Values that it changed must not be used after a panic.
pub(crate) fn catch<T>(work: impl FnOnce() -> T) -> Result<T, CaughtPanic> {
    let before = IS_CAUGHT.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    IS_CAUGHT.set(before);
    done.map_err(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str);
        let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
        CaughtPanic(text.unwrap_or("a panic without a text").to_owned())
    })
}

/// Silences the panics of libraries that [`catch`] catches. All others still print: a panic in our own code is a defect to
/// report, and its path is one of this repository.
pub(crate) fn silence_caught() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = take_hook();
        set_hook(Box::new(move |panic| {
            let is_ours = panic
                .location()
                .is_some_and(|place| ["src/", "crates/"].iter().any(|ours| place.file().starts_with(ours)));
            if is_ours || !IS_CAUGHT.get() {
                print(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_are_caught_with_their_text_also_when_nested() {
        assert_eq!(catch(|| 5), Ok(5));
        let inner = catch(|| {
            assert_eq!(catch(|| -> u8 { panic!("inner") }), Err(CaughtPanic("inner".to_owned())));
            IS_CAUGHT.get()
        });
        assert_eq!((inner, IS_CAUGHT.get()), (Ok(true), false));
    }
}
