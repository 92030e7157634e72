//! One history: a world, what befalls it, and what the program is asked. Plain data, so that parts can be taken out.

use std::time::Duration;

use replaudit_sandbox::{Fault, Moment};

use crate::arguments::Arguments;
use crate::world::World;

#[derive(Clone, Debug)]
pub(crate) struct History {
    pub(crate) world: World,
    pub(crate) arguments: Arguments,
    /// What goes wrong, by run.
    pub(crate) faults: Vec<(usize, Wrong)>,
    /// What happens meanwhile, by run.
    pub(crate) events: Vec<(usize, Event)>,
    /// How often the program is run, with the same arguments.
    pub(crate) runs: usize,
    /// It takes seconds: checks grow old in it.
    pub(crate) slow: bool,
    /// Bytes torn off the journal's last line between two runs, where they may be missing.
    pub(crate) torn: usize,
}

/// A fault at some of the requests of one operation.
#[derive(Clone, Debug)]
pub(crate) struct Wrong {
    pub(crate) operation: &'static str,
    pub(crate) skip: u32,
    pub(crate) times: u32,
    pub(crate) how: How,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Status(u16, &'static str),
    StatusAfter(u16, &'static str),
    CloseBefore,
    CloseAfter,
    Late(Duration),
    Delay(Duration),
    /// Done at once, answered late: the answer says what was true before the wait.
    DelayAnswer(Duration),
    /// The body ends after this share of it, in thousandths; the answer is complete HTTP.
    Cut(u32),
    /// The first element of this name comes twice.
    Doubled(&'static str),
    /// A page of a proxy, with status 200.
    Html,
    /// A header has another value.
    Header(&'static str, &'static str),
}

impl Wrong {
    pub(crate) fn fault(&self) -> Fault {
        let fault = Fault::on(self.operation).skip(self.skip).times(self.times);
        match self.how {
            How::Status(status, code) => fault.status(status, code, "on purpose"),
            How::StatusAfter(status, code) => fault.status_after_effect(status, code, "on purpose"),
            How::CloseBefore => fault.close_before_effect(),
            How::CloseAfter => fault.close_after_effect(),
            How::Late(delay) => fault.close_and_take_effect_later(delay),
            How::Delay(delay) => fault.delay(delay),
            How::DelayAnswer(delay) => fault.delay_answer(delay),
            How::Cut(share) => fault.rewrite(move |mut body| {
                body.truncate(body.len() * share as usize / 1000);
                body
            }),
            How::Doubled(element) => fault.rewrite(move |body| doubled(&body, element)),
            How::Header(name, value) => fault.header(name, value),
            How::Html => fault.raw_body(200, "text/html", "<html><body>Please log in.</body></html>"),
        }
    }
}

/// The body with its first element of that name twice; as it was where it has none.
fn doubled(body: &[u8], element: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(body);
    let end = format!("</{element}>");
    let (Some(from), Some(to)) = (text.find(&format!("<{element}>")), text.find(&end)) else { return body.to_vec() };
    let to = to + end.len();
    format!("{}{}{}", &text[..to], &text[from..to], &text[to..]).into_bytes()
}

/// Something that happens at one moment of one request.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) moment: Moment,
    /// None: of any operation.
    pub(crate) operation: Option<&'static str>,
    /// Which of the matching requests of the run, from 0.
    pub(crate) nth: u32,
    /// Source and key; None: the request's own, or the first.
    pub(crate) place: Option<(usize, usize)>,
    pub(crate) action: Action,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Somebody uploads.
    Overwrite {
        body: u32,
        status: Option<&'static str>,
    },
    /// All versions of the key change their status.
    Status(Option<&'static str>),
    Suspend,
    Enable,
    LoseReplica,
    /// The rules name one destination only.
    FewerDestinations,
    /// Somebody deletes without a version ID.
    Hide,
    /// Somebody removes the current version.
    Remove,
    Kill,
    /// After this number of microseconds.
    KillSoon(u64),
    Interrupt,
    Terminate,
}
