//! Endpoint URLs without the user and password that some people write into them.
//!
//! S3 requests are signed, so a password in an endpoint is useless. It is removed when an endpoint is read, so that no later
//! code can show it.

/// An endpoint URL without `user:password@`.
///
/// Removes everything up to the last `@`, because a password may contain any character, even a slash. No S3 endpoint has an
/// `@` in its path.
pub(crate) fn without_userinfo(url: &str) -> String {
    let Some((before, rest)) = url.rsplit_once('@') else { return url.to_owned() };
    let scheme = before.split_once("://").map(|(scheme, _)| format!("{scheme}://"));
    scheme.unwrap_or_default() + rest
}

/// Why a URL can't be the endpoint of S3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EndpointFault {
    #[error("write the scheme too, such as http://localhost:9000")]
    NoScheme,
    #[error("S3 is reached with http:// or https://, not {0}://")]
    Scheme(String),
    #[error("it names no host: write a URL such as http://localhost:9000")]
    NoHost,
}

impl EndpointFault {
    /// What is wrong with it; `None` if a request can be sent there.
    pub(crate) fn of(url: &str) -> Option<Self> {
        let Some((scheme, rest)) = url.split_once("://") else { return Some(Self::NoScheme) };
        match (scheme, rest.split(['/', ':', '?', '#']).next()) {
            ("http" | "https", Some("") | None) => Some(Self::NoHost),
            ("http" | "https", Some(_)) => None,
            (other, _) => Some(Self::Scheme(other.to_owned())),
        }
    }
}

/// A text that quotes the command line, without `user:password@` of URLs.
///
/// Cuts to the last `@` of a line: a password may contain spaces and quotes, and a usage error may show too little.
pub(crate) fn hide_userinfo(text: &str) -> String {
    let hide = |line: &str| {
        let at = ["http://", "https://"].iter().filter_map(|scheme| Some(line.find(scheme)? + scheme.len())).min();
        match at.map(|at| line.split_at(at)) {
            Some((before, rest)) => match rest.rsplit_once('@') {
                Some((_, after)) => format!("{before}{after}"),
                None => line.to_owned(),
            },
            None => line.to_owned(),
        }
    };
    text.split_inclusive('\n').map(hide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_has_a_scheme_and_a_host() {
        let table = [
            ("http://localhost:9000", None),
            ("https://[::1]:9000/path", None),
            ("localhost:9000", Some(EndpointFault::NoScheme)),
            ("", Some(EndpointFault::NoScheme)),
            ("ftp://host", Some(EndpointFault::Scheme("ftp".to_owned()))),
            ("http://", Some(EndpointFault::NoHost)),
            ("https:///path", Some(EndpointFault::NoHost)),
            ("http://:9000", Some(EndpointFault::NoHost)),
        ];
        for (url, fault) in table {
            assert_eq!(EndpointFault::of(url), fault, "{url}");
        }
    }

    #[test]
    fn user_and_password_are_removed_from_an_endpoint() {
        let table = [
            ("http://host:9000", "http://host:9000"),
            ("http://user:pass@host:9000/x", "http://host:9000/x"),
            ("https://user@host", "https://host"),
            ("http://user:p@ss/w?rd#x@host", "http://host"),
            ("http://user:http://x@host", "http://host"),
            ("http://user:pass@[::1]:9000", "http://[::1]:9000"),
            ("user:pass@host", "host"),
            ("", ""),
        ];
        for (url, shown) in table {
            assert_eq!(without_userinfo(url), shown, "{url}");
        }
    }

    #[test]
    fn quoted_urls_lose_their_passwords_and_other_text_stays() {
        let table = [
            (
                "error: invalid value 'dst,endpoint=http://u:p w'x@host' for\n  --x a@b\n",
                "error: invalid value 'dst,endpoint=http://host' for\n  --x a@b\n",
            ),
            ("\"https://u:p@h\" is not an S3 address", "\"https://h\" is not an S3 address"),
            ("s3://bucket/me@example.com", "s3://bucket/me@example.com"),
            ("http://host", "http://host"),
        ];
        for (text, shown) in table {
            assert_eq!(hide_userinfo(text), shown, "{text}");
        }
    }
}
