//! Text and tables in Markdown: what is shown exactly, and what can be read as text.

use std::io::{self, Write};

use crate::audit::{ClassWord, Limit, LimitResult};
use crate::model::escape;
use crate::output::model::{ShownChange, beside, found_now, limit_actual, limit_text};

/// A value that is shown exactly and does nothing.
pub(super) fn code(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut last = ' ';
    for c in escape(text).chars() {
        match c {
            // A dot begins a link only in `www.`, and is left alone elsewhere so that the text can be read as it stands.
            '.' if !matches!(last, 'w' | 'W') => out.push(c),
            '/' | '-' | '=' | '+' | ',' | ' ' => out.push(c),
            c if c.is_ascii_punctuation() => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
        last = c;
    }
    format!("<code>{out}</code>")
}

/// A sentence that can be read as text too: only characters that Markdown, HTML or GitHub would interpret become entities.
pub(super) fn prose(text: &str) -> String {
    let text = escape(text);
    let mut out = String::with_capacity(text.len() + 16);
    let mut last = ' ';
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        let obeyed = match c {
            '<' | '>' | '&' | '|' | '`' | '*' | '_' | '#' | '@' | '[' | ']' | '~' | '\\' | '$' => true,
            // Of a link, or of the name of an emoji.
            ':' => next.is_some_and(|next| next != ' '),
            '.' => matches!(last, 'w' | 'W'),
            _ => false,
        };
        match obeyed {
            true => out.push_str(&format!("&#{};", u32::from(c))),
            false => out.push(c),
        }
        last = c;
    }
    out
}

pub(super) fn table(out: &mut dyn Write, heads: &[&str], left: usize) -> io::Result<()> {
    let rule: Vec<&str> = (0..heads.len()).map(|at| if at < left { ":--" } else { "--:" }).collect();
    writeln!(out, "| {} |\n|{}|", heads.join(" | "), rule.join("|"))
}

/// A row of the table of limits.
pub(super) fn limit_row<C: ClassWord>(
    limit: &LimitResult<C>,
    change: Option<&ShownChange>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "| {} | {} | {} | {} |",
        limit.class.word(),
        if limit.exceeded { "**exceeded**" } else { "ok" },
        beside(limit_actual(limit), change) + &found_now(limit).map(|now| format!("<br>{now}")).unwrap_or_default(),
        if limit.limit == Limit::Off { "any".to_owned() } else { limit_text(limit).replace("limit ", "") }
    )
}
