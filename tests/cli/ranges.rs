//! `inventory`: parts of data files from servers that mix up two objects.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::columnar::{Cells, Column, report};
use crate::support::report::{Local, SCHEMA, row};
use crate::support::{Run, program, run};

/// How the server answers for data files. Manifests come as they are.
#[derive(Clone, Copy)]
struct Habits {
    /// Which ETag the answer to the request of this number has.
    etag: fn(usize) -> Option<&'static str>,
    /// What is added to the size of the object in that answer.
    size: fn(usize) -> u64,
    /// The connection breaks after this number of bytes of the first answer.
    cut: Option<usize>,
}

const GOOD: Habits = Habits { etag: |_| Some("\"one\""), size: |_| 0, cut: None };

/// A server of the files of a report: it knows no If-Match, and no listings.
struct Server {
    endpoint: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(report: &Local, habits: Habits) -> Self {
        let files: HashMap<String, Vec<u8>> = std::fs::read_dir(&report.dir)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.file_name().into_string().unwrap(), std::fs::read(entry.path()).unwrap()))
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (files, requests) = (Arc::new(files), Arc::new(Mutex::new(Vec::new())));
        let (log, count) = (Arc::clone(&requests), Arc::new(AtomicUsize::new(0)));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (files, log, count) = (Arc::clone(&files), Arc::clone(&log), Arc::clone(&count));
                std::thread::spawn(move || serve(stream, &files, &log, &count, habits));
            }
        });
        Self { endpoint, requests }
    }

    fn ask(&self, more: &[&str]) -> Run {
        let mut command = program();
        command.args(["inventory", "s3://reports/inv/manifest.json", "--max-age", "none", "-o", "json"]);
        command.args(["--no-sign-request", "--region", "us-east-1", "--endpoint-url", &self.endpoint]).args(more);
        run(command)
    }

    /// Requests for data files.
    fn asked(&self) -> usize {
        self.requests.lock().unwrap().iter().filter(|line| line.contains("/data/")).count()
    }
}

fn serve(
    stream: TcpStream,
    files: &HashMap<String, Vec<u8>>,
    log: &Mutex<Vec<String>>,
    count: &AtomicUsize,
    habits: Habits,
) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut out = stream;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        let mut range = None;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 || header == "\r\n" {
                break;
            }
            if let Some((name, value)) = header.split_once(':')
                && name.eq_ignore_ascii_case("range")
            {
                let (from, to) = value.trim().strip_prefix("bytes=").unwrap().split_once('-').unwrap();
                range = Some((from.parse::<usize>().unwrap(), to.parse::<usize>().unwrap()));
            }
        }
        log.lock().unwrap().push(line.clone());
        let path = line.split(' ').nth(1).unwrap().split('?').next().unwrap().to_owned();
        let name = path.rsplit('/').next().unwrap().to_owned();
        let Some(bytes) = files.get(&name).filter(|_| line.starts_with("GET") && !line.contains("list-type")) else {
            let code = if line.starts_with("HEAD") { "200 OK" } else { "403 Forbidden" };
            out.write_all(format!("HTTP/1.1 {code}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
            continue;
        };
        let is_data = path.contains("/data/");
        let number = if is_data { count.fetch_add(1, Ordering::SeqCst) } else { 0 };
        let (from, to) = range.unwrap_or((0, bytes.len() - 1));
        let body = &bytes[from..=to];
        let mut head = match range {
            None => "HTTP/1.1 200 OK\r\n".to_owned(),
            Some(_) => {
                let size = bytes.len() as u64 + if is_data { (habits.size)(number) } else { 0 };
                format!("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{to}/{size}\r\n")
            }
        };
        head += &format!("Content-Length: {}\r\n", body.len());
        if let Some(etag) = if is_data { (habits.etag)(number) } else { Some("\"m\"") } {
            head += &format!("ETag: {etag}\r\n");
        }
        let cut = habits.cut.filter(|cut| is_data && number == 0 && *cut < body.len());
        let sent = out
            .write_all(format!("{head}\r\n").as_bytes())
            .and_then(|()| out.write_all(&body[..cut.unwrap_or(body.len())]));
        if sent.is_err() || cut.is_some() {
            let _ = out.shutdown(std::net::Shutdown::Both);
            return;
        }
    }
}

/// Long enough that its keys are not read with its end.
fn parquet() -> Local {
    const ROWS: usize = 6000;
    let mut random = 1u64;
    let mut key = || {
        let words = (0..4).map(|_| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            format!("{random:016x}")
        });
        &*Box::leak(words.collect::<String>().into_boxed_str())
    };
    let columns: Vec<Column> = vec![
        ("Bucket", "bucket", Cells::Text(vec![Some("src"); ROWS])),
        ("Key", "key", Cells::Text((0..ROWS).map(|_| Some(key())).collect())),
        ("ReplicationStatus", "replication_status", Cells::Text(vec![Some("COMPLETED"); ROWS])),
    ];
    report("Parquet", &columns)
}

/// Long enough for a connection to break.
fn csv() -> Local {
    let rows: String = (0..5000).map(|at| row(&format!("{at}"), "COMPLETED")).collect();
    Local::new(SCHEMA, &[("1.csv", rows.into_bytes())])
}

#[test]
fn parts_of_one_object_are_read() {
    let server = Server::start(&parquet(), GOOD);
    let audit = server.ask(&["--prefix", "0"]).expect(0).json();
    assert_eq!((audit["rows_scanned"].as_u64(), &audit["report"]["verified"]), (Some(6000), &"footer".into()));
    assert!(server.asked() > 1, "{}", server.asked());
    let server = Server::start(&csv(), Habits { cut: Some(100_000), ..GOOD });
    server.ask(&[]).expect(0).silent();
    assert_eq!(server.asked(), 2);
}

#[test]
fn parts_of_two_objects_are_never_put_together() {
    let table: [(&str, Habits); 5] = [
        ("another ETag", Habits { etag: |at| Some(if at == 0 { "\"one\"" } else { "\"two\"" }), ..GOOD }),
        ("no ETag later", Habits { etag: |at| (at == 0).then_some("\"one\""), ..GOOD }),
        ("no ETag", Habits { etag: |_| None, ..GOOD }),
        ("another size", Habits { size: |at| u64::from(at > 0), ..GOOD }),
        ("no ETag at first", Habits { etag: |at| (at > 0).then_some("\"one\""), ..GOOD }),
    ];
    let (columns, rows) = (parquet(), csv());
    for (what, habits) in table {
        for more in [&["--prefix", "0"][..], &["--prefix", "0", "--verify", "--memory", "32MiB"]] {
            let server = Server::start(&columns, habits);
            let run = server.ask(more);
            // Read whole and kept in memory, it is one answer.
            if more.contains(&"--verify") && server.asked() == 1 {
                run.expect(0);
                continue;
            }
            let run = run.expect(2).says(&["inv/data/1.data"]);
            assert_eq!(run.stdout, "", "{what} {more:?}");
        }
        // A download that broke off. Without its digest nothing else shows it.
        for more in [&[][..], &["--no-verify"]] {
            let server = Server::start(&rows, Habits { cut: Some(100_000), ..habits });
            let run = server.ask(more).expect(2).says(&["inv/data/1.csv"]);
            assert_eq!(run.stdout, "", "{what} {more:?}");
        }
    }
}
