//! What an engine prints on stderr: its log, of which the end is kept, and its progress.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};

/// Lines of the log that are reported.
const LINES: usize = 20;
/// Bytes of a line that are kept.
const LONGEST: usize = 1000;

/// Called with the progress that Spark shows.
pub(super) type ProgressSink = Arc<dyn Fn(&str) + Send + Sync>;

/// The last lines of a log.
#[derive(Debug, Default)]
pub(super) struct LogEnd {
    lines: VecDeque<String>,
}

impl LogEnd {
    /// Reads a log to its end. Spark draws its progress over and over in one line: `[Stage 0:=====>   (3 + 2) / 8]`.
    pub(super) fn read(mut log: impl Read, end: &Mutex<Self>, progress: &ProgressSink) {
        let mut line = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            let read = match log.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                // What is known by then is enough for a message.
                Err(_) => break,
            };
            for byte in &buffer[..read] {
                match byte {
                    b'\n' | b'\r' => take(&mut line, end, progress),
                    _ if line.len() < LONGEST => line.push(*byte),
                    _ => {}
                }
            }
        }
        take(&mut line, end, progress);
    }

    fn keep(&mut self, text: String) {
        if self.lines.len() == LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(text);
    }

    pub(super) fn lines(&self) -> Vec<String> {
        self.lines.iter().cloned().collect()
    }
}

/// Takes a line, which is progress or a part of the log.
fn take(line: &mut Vec<u8>, end: &Mutex<LogEnd>, progress: &ProgressSink) {
    let text = String::from_utf8_lossy(line).trim().to_owned();
    line.clear();
    if text.starts_with("[Stage ") {
        progress(&text);
    } else if !text.is_empty() {
        end.lock().unwrap_or_else(PoisonError::into_inner).keep(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_log_is_kept_without_progress() {
        let shown = Arc::new(Mutex::new(Vec::new()));
        let sink = Arc::clone(&shown);
        let progress: ProgressSink = Arc::new(move |text: &str| sink.lock().unwrap().push(text.to_owned()));
        let mut log: String = (0..100).map(|line| format!("line {line}\n")).collect();
        log.push_str("\r[Stage 0:>   (0 + 2) / 8]\r[Stage 0:==> (8 + 0) / 8]\r      \rwrong \u{1b}[31mend");
        log.push_str(&"x".repeat(5000));
        let end = Mutex::default();
        LogEnd::read(log.as_bytes(), &end, &progress);
        assert_eq!(shown.lock().unwrap().len(), 2);
        let lines = end.into_inner().unwrap().lines();
        assert_eq!((lines.len(), lines[0].as_str()), (LINES, "line 81"));
        assert!(lines.concat().len() < 2000, "{lines:?}");
    }
}
