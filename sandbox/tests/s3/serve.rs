//! The program: what it prints, how it is filled, how it ends.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Output, Stdio};

use aws_sdk_s3::Client;

use crate::support::{block, client_at};

/// The program on a free port; ended when dropped.
struct Serve {
    child: Child,
    /// What it printed to paste.
    env: Vec<String>,
}

impl Serve {
    fn with(options: &[&str]) -> Self {
        let mut child = command(options).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let env = lines.take(5).map(Result::unwrap).collect();
        Self { child, env }
    }

    fn value(&self, name: &str) -> &str {
        let line = self.env.iter().find_map(|line| line.strip_prefix(&format!("export {name}='"))).unwrap();
        line.strip_suffix('\'').unwrap()
    }

    fn client(&self) -> Client {
        let [endpoint, key, secret, region] =
            ["AWS_ENDPOINT_URL_S3", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]
                .map(|name| self.value(name));
        client_at(endpoint, key, secret, region)
    }

    /// The body of an unsigned request.
    fn plain(&self, request: &str) -> String {
        let address = self.value("AWS_ENDPOINT_URL_S3").strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "{request} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.split_once("\r\n\r\n").unwrap().1.to_owned()
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(options: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_replaudit-sandbox"));
    command.args(["serve", "--port", "0"]).args(options);
    command
}

fn refused(options: &[&str]) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command(options).output().unwrap();
    assert!(stdout.is_empty());
    (status.code(), String::from_utf8(stderr).unwrap())
}

#[test]
fn it_prints_the_environment_and_stops_on_a_signal() {
    let mut serve = Serve::with(&["--region", "eu-west-1", "--bucket", "mine", "--demo"]);
    assert!(serve.env[0].starts_with("export AWS_ENDPOINT_URL_S3='http://127.0.0.1:"));
    assert!(serve.env[1].starts_with("export AWS_ACCESS_KEY_ID='"));
    assert_eq!(serve.value("AWS_REGION"), "eu-west-1");
    serve.plain("POST /-/sandbox/status?bucket=demo-source&key=reports/failed.csv&status=PENDING");
    let told = Command::new("kill").args(["-TERM", &serve.child.id().to_string()]).status().unwrap();
    assert!(told.success());
    assert_eq!(serve.child.wait().unwrap().code(), Some(0));
}

#[test]
fn folders_become_buckets() {
    let dir = tempfile::tempdir().unwrap();
    let put = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let manifest = r#"{"files": [{"key": "inv/src/daily/data/a.orc"}, {"key": "inv/src/daily/data/elsewhere.orc"}]}"#;
    put("reports/flat/manifest.json", manifest);
    put("reports/flat/a.orc", "data");
    put("reports/flat/b c.txt", "no data file");
    put("reports/a.orc", "another");
    put("reports/other/manifest.json", "not a manifest");
    put("more/x", "more");
    let options = ["reports=reports", "reports=more", "plain=more"]
        .map(|load| load.replace('=', &format!("={}/", dir.path().display())));
    let serve = Serve::with(&["--load", &options[0], "--load", &options[1], "--load", &options[2]]);
    let client = serve.client();
    block(async {
        let keys = async |bucket: &str| {
            let list = client.list_objects_v2().bucket(bucket).send().await.unwrap();
            list.contents().iter().map(|object| object.key().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let all = [
            "a.orc",
            "flat/a.orc",
            "flat/b c.txt",
            "flat/manifest.json",
            "inv/src/daily/data/a.orc",
            "other/manifest.json",
            "x",
        ];
        assert_eq!(keys("reports").await, all);
        assert_eq!(keys("plain").await, ["x"]);
        let got = client.get_object().bucket("reports").key("inv/src/daily/data/a.orc").send().await.unwrap();
        assert_eq!(got.body.collect().await.unwrap().into_bytes().as_ref(), b"data");
        let head = async |key: &str| client.head_object().bucket("reports").key(key).send().await.unwrap();
        assert_eq!(head("flat/a.orc").await.e_tag(), head("inv/src/daily/data/a.orc").await.e_tag());
    });
    assert_eq!(serve.plain("GET /-/sandbox/requests").trim(), "[]", "not logged");
}

#[test]
fn a_load_error_names_its_cause() {
    assert_eq!(refused(&["--load", "bucket"]).0, Some(2));
    assert!(refused(&["--load", "bucket"]).1.contains("it is not BUCKET=FOLDER"));
    assert!(refused(&["--load", "Not_One=."]).1.contains("invalid bucket name"));
    assert!(refused(&["--bucket", "x"]).1.contains("invalid bucket name"));
    let (code, text) = refused(&["--load", "bucket=/no/such/folder"]);
    assert_eq!(code, Some(2));
    assert!(text.starts_with("error: reading /no/such/folder: "), "{text}");
}
