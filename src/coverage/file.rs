//! Rules from a file: the JSON that `aws s3api get-bucket-replication` prints, or the XML of S3.
//!
//! The JSON is turned into the XML that S3 would have answered, so that one strict reader decides about both, also about what
//! it does not know.

use s3_answers::{AnswerError, ReplicationRules, read_replication};
use serde_json::{Map, Value};

/// Why a file has no rules.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RulesFileError {
    #[error("it is neither JSON nor the XML of S3")]
    Json(#[from] serde_json::Error),
    #[error("it has no Rules: save what aws s3api get-bucket-replication prints")]
    NoRules,
    #[error(transparent)]
    Rules(#[from] AnswerError),
}

/// Lists of the JSON, and the elements that S3 writes for each item.
const LISTS: [(&str, &str); 4] = [("Rules", "Rule"), ("Tags", "Tag"), ("Prefixes", "Prefix"), ("Rule", "Rule")];

pub(crate) fn read_rules(file: &[u8]) -> Result<ReplicationRules, RulesFileError> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file).trim_ascii_start();
    if file.starts_with(b"<") {
        return Ok(read_replication(file)?);
    }
    let document: Map<String, Value> = serde_json::from_slice(file)?;
    // As `put-bucket-replication` takes it, too.
    let configuration = match document.get("ReplicationConfiguration") {
        Some(Value::Object(inner)) => inner,
        Some(_) => return Err(RulesFileError::NoRules),
        None => &document,
    };
    if !configuration.get("Rules").is_some_and(Value::is_array) {
        return Err(RulesFileError::NoRules);
    }
    let mut xml = String::from("<ReplicationConfiguration>");
    configuration.iter().for_each(|(name, value)| element(name, value, &mut xml));
    xml.push_str("</ReplicationConfiguration>");
    Ok(read_replication(xml.as_bytes())?)
}

fn element(name: &str, value: &Value, xml: &mut String) {
    // The reader does not know such an element in any case.
    let is_name =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric()) && name.starts_with(|c: char| c.is_alphabetic());
    let name = if is_name { name } else { "Unknown" };
    match value {
        Value::Null => {}
        Value::Array(items) => {
            let one = LISTS.iter().find(|(list, _)| *list == name).map_or(name, |(_, one)| one);
            items.iter().for_each(|item| element(one, item, xml));
        }
        Value::Object(fields) => {
            xml.push_str(&format!("<{name}>"));
            fields.iter().for_each(|(name, value)| element(name, value, xml));
            xml.push_str(&format!("</{name}>"));
        }
        Value::String(text) => xml.push_str(&format!("<{name}>{}</{name}>", escaped(text))),
        Value::Bool(_) | Value::Number(_) => xml.push_str(&format!("<{name}>{value}</{name}>")),
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A reader would turn these into others.
            '\r' | '\n' | '\t' => out.push_str(&format!("&#{};", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use s3_answers::Exclusion;
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<ReplicationRules, RulesFileError> {
        read_rules(value.to_string().as_bytes())
    }

    #[test]
    fn what_the_aws_cli_prints_is_read() {
        let rules = json!({"Role": "arn:aws:iam::1:role/r", "Rules": [
            {
                "ID": "a<b", "Priority": 2, "Status": "Enabled",
                "Filter": {"And": {"Prefix": "p & q/", "Tags": [{"Key": "k", "Value": "v"}, {"Key": "l", "Value": "w"}]}},
                "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
                "Destination": {"Bucket": "arn:aws:s3:::dst", "StorageClass": "STANDARD_IA"},
                "DeleteMarkerReplication": {"Status": "Disabled"}
            },
            {"Prefix": "old/", "Status": "Disabled", "Destination": {"Bucket": "arn:aws:s3:::dst"}},
            {
                "Status": "Enabled", "Filter": {"Not": {"Or": {"Prefixes": ["x/", "y/"], "Tags": [{"Key": "k", "Value": "v"}]}}},
                "Destination": {"Bucket": "arn:aws:s3:::dst"}
            }
        ]});
        for document in [json!({"ReplicationConfiguration": rules}), rules.clone()] {
            let found = read(&document).unwrap().rules;
            assert_eq!((found[0].id.as_deref(), found[0].priority), (Some("a<b"), Some(2)));
            assert_eq!((found[0].scope.prefix.as_str(), found[0].scope.tags.len()), ("p & q/", 2));
            assert!(found[0].kms_opt_in && found[0].unknown.is_empty());
            assert_eq!((found[1].enabled, found[1].scope.has_filter), (false, false));
            let except = &found[2].scope.except;
            assert_eq!(except[..2], [Exclusion::Prefix("x/".into()), Exclusion::Prefix("y/".into())]);
            assert_eq!((except.len(), found[2].unknown.len()), (3, 0));
        }
        let odd = json!({"Rules": [{"Status": "Enabled", "Filter": {"Suffix": ".x"}, "Destination": {"Bucket": "arn:aws:s3:::dst"}}]});
        assert_eq!(read(&odd).unwrap().rules[0].unknown, ["Suffix"]);
        let xml = b"<ReplicationConfiguration><Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::dst</Bucket></Destination></Rule></ReplicationConfiguration>";
        assert_eq!(read_rules(xml).unwrap().rules.len(), 1);
    }

    #[test]
    fn what_has_no_rules_is_refused() {
        for text in [
            "",
            "{}",
            "[]",
            "7",
            "{\"Rules\":[]}",
            "{\"Rules\":{}}",
            "{\"ReplicationConfiguration\":1}",
            "<x/>",
            "{\"Rules\":[{}]}",
        ] {
            assert!(read_rules(text.as_bytes()).is_err(), "{text}");
        }
        let broken = json!({"Rules": [{"Status": "on", "Destination": {"Bucket": "arn:aws:s3:::dst"}}]});
        assert!(matches!(read(&broken), Err(RulesFileError::Rules(_))));
        let injected =
            json!({"Rules": [{"Status": "Enabled", "a><b": 1, "Destination": {"Bucket": "arn:aws:s3:::dst"}}]});
        assert_eq!(read(&injected).unwrap().rules[0].unknown, ["Unknown"]);
    }
}
