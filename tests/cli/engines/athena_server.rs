//! A server that speaks Athena's protocol and follows a script. It runs no SQL: the figures are given to it.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Command;
use std::sync::{Arc, Mutex};

use replaudit_sandbox::Sandbox;
use serde_json::{Value, json};

use crate::support::{Run, client, only_reads, run, until};

/// What becomes of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Fate {
    Succeeds,
    /// Athena's state and reason.
    Ends(&'static str, &'static str),
    /// Runs until it is stopped.
    Hangs,
    /// The status, code and message of the answer to StartQueryExecution.
    Refused(u16, &'static str, &'static str),
    /// The statement is carried out, and the connection closed without an answer, this many times.
    Unanswered(usize),
    /// GetQueryExecution answers about another statement.
    Foreign,
    /// The answer to StartQueryExecution has the id of the first statement.
    Repeated,
    /// GetQueryExecution answers with this kind and text of a statement.
    Other(&'static str, &'static str),
    /// GetQueryExecution is refused this many times.
    Unseen(usize),
}

/// Rows of cells.
pub(crate) type Page = Vec<Vec<Option<String>>>;

/// What the server does.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) create: Fate,
    pub(crate) query: Fate,
    pub(crate) drop: Fate,
    /// Of UNLOAD, and of the query for the number of lines that it wrote.
    pub(crate) export: Fate,
    pub(crate) count: Fate,
    pub(crate) lines: u64,
    /// Other fates, of statements that begin with a word and are about a table whose name has this end.
    pub(crate) of_table: Vec<(&'static str, &'static str, Fate)>,
    /// `Refused`, or statements are stopped.
    pub(crate) stop: Fate,
    /// Pages of rows; `MARK` stands for the mark of the question.
    pub(crate) pages: Vec<Page>,
    /// The token of the last page.
    pub(crate) last_token: Option<&'static str>,
    pub(crate) scanned: i64,
}

impl Script {
    /// Everything succeeds with this result, a header and lines of cells between tabs, in pages of four rows.
    pub(crate) fn of(figures: &str) -> Self {
        let header = "dimension\tvalue\tstatus\tobjects\tbytes\toldest\tnewest";
        let cell = |cell: &str| Some(cell).filter(|cell| *cell != "NULL").map(str::to_owned);
        let rows: Page =
            [header].into_iter().chain(figures.lines()).map(|line| line.split('\t').map(cell).collect()).collect();
        Self {
            create: Fate::Succeeds,
            query: Fate::Succeeds,
            drop: Fate::Succeeds,
            export: Fate::Succeeds,
            count: Fate::Succeeds,
            lines: 0,
            of_table: Vec::new(),
            stop: Fate::Succeeds,
            pages: rows.chunks(4).map(<[_]>::to_vec).collect(),
            last_token: None,
            scanned: 12_345_678,
        }
    }
}

/// A request: the operation, and its JSON.
pub(crate) type Asked = (String, Value);

#[derive(Default)]
struct State {
    asked: Vec<Asked>,
    /// Statements by id, and whether they were stopped.
    statements: BTreeMap<String, (String, bool)>,
    /// Ids by client request token.
    tokens: BTreeMap<String, String>,
    tables: Vec<String>,
    unanswered: usize,
    unseen: usize,
}

/// The server. It ends with the process.
#[derive(Clone)]
pub(crate) struct Athena {
    port: u16,
    script: Arc<Script>,
    state: Arc<Mutex<State>>,
}

impl Athena {
    pub(crate) fn start(script: Script) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let server = Self { port, script: Arc::new(script), state: Arc::default() };
        let answering = server.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let server = answering.clone();
                std::thread::spawn(move || server.serve(connection));
            }
        });
        server
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// All requests.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.lock().unwrap().asked.clone()
    }

    /// The names of all operations.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked().into_iter().map(|(operation, _)| operation).collect()
    }

    /// The statements that were started, in their order.
    pub(crate) fn statements(&self) -> Vec<String> {
        let started = self.asked().into_iter().filter(|(operation, _)| operation == "StartQueryExecution");
        started.map(|(_, json)| json["QueryString"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The tables that are there.
    pub(crate) fn tables(&self) -> Vec<String> {
        self.state.lock().unwrap().tables.clone()
    }

    /// Waits until a statement was asked about.
    pub(crate) fn wait_for_statement(&self, begins: &str) {
        until(begins, || self.is_asked_about(begins));
    }

    /// Waits until a statement was sent.
    pub(crate) fn wait_for_start(&self, begins: &str) {
        until(begins, || self.statements().iter().any(|text| text.starts_with(begins)));
    }

    /// Waits until this many statements were sent.
    pub(crate) fn wait_for_statements(&self, many: usize) {
        until("statements", || self.statements().len() >= many);
    }

    fn is_asked_about(&self, begins: &str) -> bool {
        let state = self.state.lock().unwrap();
        let is_started = |id: &str| state.statements.get(id).is_some_and(|(text, _)| text.starts_with(begins));
        state.asked.iter().any(|(operation, json)| {
            operation == "GetQueryExecution" && json["QueryExecutionId"].as_str().is_some_and(is_started)
        })
    }

    fn serve(&self, connection: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(connection.try_clone().ok()?);
        let mut connection = connection;
        loop {
            let (mut operation, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).ok()? == 0 {
                    return None;
                }
                let Some((name, value)) = line.trim().split_once(": ") else {
                    if line.trim().is_empty() {
                        break;
                    }
                    continue;
                };
                match name.to_ascii_lowercase().as_str() {
                    "x-amz-target" => value.strip_prefix("AmazonAthena.").unwrap_or(value).clone_into(&mut operation),
                    "content-length" => length = value.parse().ok()?,
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).ok()?;
            let json: Value = serde_json::from_slice(&body).ok()?;
            // None closes the connection.
            let (status, answer) = self.answer(&operation, &json)?;
            let text = answer.to_string();
            let head = format!(
                "HTTP/1.1 {status} Status\r\ncontent-type: application/x-amz-json-1.1\r\nx-amzn-requestid: r-1\r\ncontent-length: {}\r\n\r\n",
                text.len()
            );
            connection.write_all(&[head.as_bytes(), text.as_bytes()].concat()).ok()?;
        }
    }

    fn fate(&self, statement: &str) -> &Fate {
        let about = created(statement).or(dropped(statement)).unwrap_or_default();
        let is_other = |(word, end, _): &&(&str, &str, Fate)| statement.starts_with(word) && about.ends_with(end);
        if let Some((.., fate)) = self.script.of_table.iter().find(is_other) {
            return fate;
        }
        match statement.split(' ').next() {
            Some("CREATE") => &self.script.create,
            Some("DROP") => &self.script.drop,
            Some("UNLOAD") => &self.script.export,
            Some("SELECT") => &self.script.count,
            _ => &self.script.query,
        }
    }

    fn answer(&self, operation: &str, json: &Value) -> Option<(u16, Value)> {
        let mut state = self.state.lock().unwrap();
        state.asked.push((operation.to_owned(), json.clone()));
        let error = |status, code: &str, message: &str| Some((status, json!({"__type": code, "message": message})));
        let id = json["QueryExecutionId"].as_str().unwrap_or_default();
        match operation {
            "StartQueryExecution" => {
                let statement = json["QueryString"].as_str()?.to_owned();
                let fate = self.fate(&statement).clone();
                if let Fate::Refused(status, code, message) = fate {
                    return error(status, code, message);
                }
                let id = self.started(&mut state, json["ClientRequestToken"].as_str()?, &statement, &fate);
                if let Fate::Unanswered(times) = fate
                    && state.unanswered < times
                {
                    state.unanswered += 1;
                    return None;
                }
                let id = if fate == Fate::Repeated { "id-0".to_owned() } else { id };
                Some((200, json!({"QueryExecutionId": id})))
            }
            "GetQueryExecution" => {
                let Some((statement, stopped)) = state.statements.get(id) else {
                    return error(400, "InvalidRequestException", "QueryExecution was not found");
                };
                let fate = self.fate(statement);
                let is_query = !statement.starts_with("CREATE") && !statement.starts_with("DROP");
                let kind = match statement.split(' ').next() {
                    Some("WITH" | "SELECT") => "DML",
                    Some("UNLOAD") => "UTILITY",
                    _ => "DDL",
                };
                let (kind, text) = match fate {
                    Fate::Other(kind, text) => (*kind, (*text).to_owned()),
                    _ => (kind, statement.clone()),
                };
                let (word, reason) = match fate {
                    _ if *stopped => ("CANCELLED", "it was stopped"),
                    Fate::Ends(word, reason) => (*word, *reason),
                    Fate::Hangs => ("RUNNING", ""),
                    _ => ("SUCCEEDED", ""),
                };
                let id = if *fate == Fate::Foreign && !stopped { "another" } else { id };
                let status = json!({"State": word, "StateChangeReason": reason});
                let statistics = json!({"DataScannedInBytes": if is_query { self.script.scanned } else { 0 }});
                if let Fate::Unseen(times) = fate
                    && state.unseen < *times
                {
                    state.unseen += 1;
                    return error(400, "AccessDeniedException", "athena:GetQueryExecution");
                }
                Some((
                    200,
                    json!({"QueryExecution": {
                        "QueryExecutionId": id, "Query": text, "StatementType": kind, "Status": status,
                        "Statistics": statistics,
                    }}),
                ))
            }
            "GetQueryResults" => {
                let at: usize = json["NextToken"].as_str().map_or(0, |token| token.parse().unwrap_or(0));
                let mark = mark(&state.statements.get(id)?.0).to_owned();
                let cell = |cell: &Option<String>| match cell {
                    Some(text) => json!({"VarCharValue": text.replace("MARK", &mark)}),
                    None => json!({}),
                };
                let is_count = state.statements.get(id)?.0.starts_with("SELECT");
                let counted =
                    vec![Script::of(&format!("exported\t\t\t{}\tNULL\tNULL\tNULL", self.script.lines)).pages.remove(0)];
                let pages = if is_count { &counted } else { &self.script.pages };
                let page = pages.get(at).cloned().unwrap_or_default();
                let rows: Vec<Value> =
                    page.iter().map(|row| json!({"Data": row.iter().map(cell).collect::<Vec<_>>()})).collect();
                let next = (at + 1 < pages.len()).then(|| (at + 1).to_string());
                let next = next.or(self.script.last_token.map(str::to_owned));
                Some((200, json!({"ResultSet": {"Rows": rows}, "NextToken": next})))
            }
            "StopQueryExecution" => {
                if let Fate::Refused(status, code, message) = self.script.stop {
                    return error(status, code, message);
                }
                state.statements.get_mut(id)?.1 = true;
                Some((200, json!({})))
            }
            _ => error(400, "InvalidAction", operation),
        }
    }

    /// Starts a statement, once for each token; returns its id.
    fn started(&self, state: &mut State, token: &str, statement: &str, fate: &Fate) -> String {
        assert!(token.len() >= 32, "{token}");
        if let Some(id) = state.tokens.get(token) {
            return id.clone();
        }
        let id = format!("id-{}", state.statements.len());
        state.tokens.insert(token.to_owned(), id.clone());
        state.statements.insert(id.clone(), (statement.to_owned(), false));
        if !matches!(fate, Fate::Ends("FAILED", _) | Fate::Hangs) {
            if let Some(table) = created(statement) {
                state.tables.push(table.to_owned());
            } else if let Some(table) = dropped(statement) {
                state.tables.retain(|known| known != table);
            }
        }
        id
    }
}

/// The mark of the question in a query.
fn mark(query: &str) -> &str {
    let mark = query.split("CAST('athena/").nth(1).and_then(|rest| rest.split('\'').next());
    mark.unwrap_or_default()
}

fn created(statement: &str) -> Option<&str> {
    statement.strip_prefix("CREATE EXTERNAL TABLE ")?.split([' ', '\n']).next()
}

fn dropped(statement: &str) -> Option<&str> {
    statement.strip_prefix("DROP TABLE IF EXISTS ")?.split([' ', '\n']).next()
}

/// Reports in S3, and the result of a complete query about them.
pub(crate) struct Stage {
    pub(crate) s3: Sandbox,
    pub(crate) figures: String,
    /// The command and its reports.
    pub(crate) asked: Vec<String>,
}

impl Stage {
    pub(crate) fn script(&self) -> Script {
        Script::of(&self.figures)
    }

    pub(crate) fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        self.asked.iter().map(String::as_str).chain(["--max-age", "none"]).chain(more.iter().copied()).collect()
    }

    pub(crate) fn command(&self, athena: &Athena, more: &[&str]) -> Command {
        let mut command = client(&self.s3, &self.arguments(&[&["-o", "json", "--engine", "athena"], more].concat()));
        command.env("AWS_ENDPOINT_URL_ATHENA", athena.endpoint());
        command
    }

    /// Runs with everything as this script says. No table is left.
    #[track_caller]
    pub(crate) fn run(&self, script: Script, more: &[&str]) -> (Run, Athena) {
        let athena = Athena::start(script);
        let run = run(self.command(&athena, more));
        assert_eq!(athena.tables(), [""; 0], "{run:#?}");
        only_reads(&self.s3);
        (run, athena)
    }
}
