//! Lock headers: anything but a known harmless word locks.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use crate::support::{Run, program, run};

/// A server with one bucket and one object, whose HEAD has these headers too.
fn server(headers: &str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let headers = headers.to_owned();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let Ok(socket) = socket else { return };
            let headers = headers.clone();
            std::thread::spawn(move || answer(socket, &headers));
        }
    });
    endpoint
}

fn answer(mut socket: std::net::TcpStream, headers: &str) {
    let mut lines = BufReader::new(socket.try_clone().unwrap()).lines();
    while let Some(Ok(first)) = lines.next() {
        while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
        let xml = |body: &str| format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        let answer = if first.contains("versioning") {
            xml("<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>")
        } else if first.contains("replication") {
            let none = "<Error><Code>ReplicationConfigurationNotFoundError</Code></Error>";
            format!("HTTP/1.1 404 Not Found\r\ncontent-length: {}\r\n\r\n{none}", none.len())
        } else if first.starts_with("HEAD") {
            format!(
                "HTTP/1.1 200 OK\r\ncontent-length: 5\r\netag: \"e\"\r\nx-amz-version-id: v1\r\nx-amz-replication-status: COMPLETED\r\n{headers}\r\n"
            )
        } else {
            let unknown = "<Error><Code>NotImplemented</Code><Message>no</Message></Error>";
            format!("HTTP/1.1 501 Not Implemented\r\ncontent-length: {}\r\n\r\n{unknown}", unknown.len())
        };
        if socket.write_all(answer.as_bytes()).is_err() {
            return;
        }
    }
}

fn plan(headers: &str) -> Run {
    let mut command = program();
    command.args(["safe-delete", "--permanent", "--trust-status", "--dry-run", "--max-attempts", "1", "-o", "json"]);
    command.args(["--version-id", "v1", "s3://src/k", "--endpoint-url", &server(headers)]);
    command.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    run(command)
}

#[test]
fn anything_but_a_known_harmless_word_locks() {
    let hold = "x-amz-object-lock-legal-hold: ";
    let event = "x-amz-object-lock-event-hold: ";
    let mode = "x-amz-object-lock-mode: GOVERNANCE\r\n";
    let until = "x-amz-object-lock-retain-until-date: ";
    let table = [
        (String::new(), "completed"),
        (format!("{hold}OFF\r\n"), "completed"),
        (format!("{event}OFF\r\n"), "completed"),
        (format!("{mode}{until}2020-01-01T00:00:00Z\r\n"), "completed"),
        (format!("{hold}ON\r\n"), "locked"),
        (format!("{hold}On\r\n"), "locked"),
        (format!("{hold}true\r\n"), "locked"),
        (format!("{event}ON\r\n"), "locked"),
        (format!("{event}on\r\n"), "locked"),
        (format!("{event}PENDING\r\n"), "locked"),
        (mode.to_owned(), "locked"),
        ("x-amz-object-lock-mode: NEW\r\n".to_owned(), "locked"),
        (format!("{mode}{until}soon\r\n"), "locked"),
        (format!("{until}soon\r\n"), "locked"),
        (format!("{mode}{until}2999-01-01T00:00:00Z\r\n"), "locked"),
        (format!("{until}2999-01-01T00:00:00Z\r\n"), "locked"),
    ];
    for (headers, reason) in table {
        let run = plan(&headers);
        assert_eq!(run.fields("reason"), [reason], "{headers:?}: {run:#?}");
    }
}
