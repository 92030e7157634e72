//! `REPLAUDIT_<OPTION>`: defaults of options from the environment.

use replaudit_sandbox::Sandbox;

use crate::support::{Run, alone, client, program, replicated, run, versioned, with};

/// The only options with a value that have no variable: they choose, allow or confirm a deletion.
const WITHOUT: [(&str, &str); 7] = [
    ("safe-delete", "bucket"),
    ("safe-delete", "destination"),
    ("safe-delete", "from"),
    ("safe-delete", "key"),
    ("safe-delete", "max-delete"),
    ("safe-delete", "version-id"),
    ("undo", "max-delete"),
];

/// Every option with a value: its command, its name, and the name of its variable.
fn options() -> Vec<(String, String, Option<String>)> {
    let mut tree = replaudit::command_line();
    tree.build();
    let mut found = Vec::new();
    for command in tree.get_subcommands().filter(|command| command.get_name() != "help") {
        for arg in command.get_arguments() {
            let variable = arg.get_env().map(|name| name.to_str().unwrap().to_owned());
            match arg.get_long().filter(|_| arg.get_action().takes_values()) {
                Some(long) => found.push((command.get_name().to_owned(), long.to_owned(), variable)),
                None => assert_eq!(variable, None, "{arg:?} has no value"),
            }
        }
    }
    found
}

fn with_env(s3: &Sandbox, variables: &[(&str, &str)], args: &[&str]) -> Run {
    let mut command = client(s3, args);
    command.envs(variables.iter().copied());
    run(command)
}

#[test]
fn every_option_with_a_value_has_a_variable_unless_it_decides_about_a_deletion() {
    let mut without = Vec::new();
    for (command, option, variable) in options() {
        match variable {
            Some(name) => assert_eq!(name, format!("REPLAUDIT_{}", option.to_uppercase().replace('-', "_"))),
            None => without.push((command, option)),
        }
    }
    without.sort();
    let expected = WITHOUT.map(|(command, option)| (command.to_owned(), option.to_owned()));
    assert_eq!(without, expected);
}

#[test]
fn help_names_the_variable_and_never_its_value() {
    for command in ["status", "inventory", "safe-delete", "undo"] {
        let mut with_secret = program();
        with_secret.args([command, "--help"]).env("REPLAUDIT_ENDPOINT_URL", "https://user:secret@host");
        let help = run(with_secret).expect(0).stdout;
        assert!(help.contains("[env: REPLAUDIT_ENDPOINT_URL]") && !help.contains("secret"), "{help}");
        assert!(!help.contains("REPLAUDIT_YES") && !help.contains("REPLAUDIT_MAX_DELETE"), "{help}");
    }
}

#[test]
fn the_command_line_wins_over_the_environment() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let address = "s3://src/k";
    let json = [("REPLAUDIT_OUTPUT", "json")];
    assert_eq!(with_env(&s3, &json, &["status", address]).expect(0).fields("key"), ["k"]);
    let csv = with(&s3, &["status", address, "-o", "csv"]).stdout;
    assert_eq!(with_env(&s3, &json, &["status", address, "-o", "csv"]).expect(0).stdout, csv);
    assert_eq!(with_env(&s3, &json, &["-o", "csv", "status", address]).expect(0).stdout, csv);
    // An empty variable is none.
    let table = with(&s3, &["status", address]).stdout;
    assert_eq!(with_env(&s3, &[("REPLAUDIT_OUTPUT", "")], &["status", address]).expect(0).stdout, table);
    with_env(&s3, &[("REPLAUDIT_OUTPUT", "yaml")], &["status", address]).expect(2).says(&["yaml", "--output"]);
    let typed = with_env(&s3, &[("REPLAUDIT_OUTPUT", "yaml")], &["status", address, "--output", "xml"]).expect(2);
    assert!(typed.stderr.contains("xml") && !typed.stderr.contains("REPLAUDIT"), "{}", typed.stderr);
    let refused = "the environment variable REPLAUDIT_OUTPUT is set";
    with_env(&s3, &[("REPLAUDIT_OUTPUT", "yaml")], &["status", address]).expect(2).says(&[refused]);
    let concurrency = with_env(&s3, &[("REPLAUDIT_CONCURRENCY", "4,000")], &["status", address]).expect(2);
    concurrency.says(&["'4,000'", "write a whole number from 1 to 4096", "REPLAUDIT_CONCURRENCY is set"]);
    // What is asked about can come from there too, until something else is named.
    let named = [("REPLAUDIT_BUCKET", "src"), ("REPLAUDIT_KEY", "other"), ("REPLAUDIT_OUTPUT", "json")];
    assert_eq!(with_env(&s3, &named, &["status"]).expect(1).fields("key"), ["other"]);
    assert_eq!(with_env(&s3, &named, &["status", address]).expect(0).fields("key"), ["k"]);
    assert_eq!(with_env(&s3, &named, &["status", "--key", "k"]).expect(0).fields("key"), ["k"]);
}

#[test]
fn a_region_that_no_header_can_hold_is_refused() {
    let s3 = versioned();
    s3.put("src", "k", b"x");
    for (variables, args) in [
        (&[("AWS_REGION", "us-east-1\n")][..], &[][..]),
        (&[], &["--region", "a b"]),
        (&[], &["--verify-replica", "--destination", "dst,region=a/b"]),
    ] {
        let run = with_env(&s3, variables, &[&["status", "s3://src/k"], args].concat()).expect(2);
        assert!(format!("{}{}", run.stdout, run.stderr).contains("is not the name of a Region"), "{run:?}");
    }
}

#[test]
fn no_variable_chooses_or_allows_a_deletion() {
    let s3 = replicated();
    s3.put("src", "k", b"x");
    let all = [
        ("REPLAUDIT_BUCKET", "src"),
        ("REPLAUDIT_KEY", "k"),
        ("REPLAUDIT_YES", "true"),
        ("REPLAUDIT_MAX_DELETE", "9"),
        ("REPLAUDIT_PERMANENT", "true"),
        ("REPLAUDIT_WHOLE_BUCKET", "true"),
        ("REPLAUDIT_TRUST_STATUS", "true"),
    ];
    with_env(&s3, &all, &["safe-delete", "--yes"]).expect(2).says(&["no address given"]);
    with_env(&s3, &all, &["safe-delete", "s3://src/k"]).expect(2).says(&["terminal", "--yes"]);
    with_env(&s3, &all, &["safe-delete", "--yes", "--recursive", "s3://src/k"]).expect(2).says(&["--max-delete"]);
    crate::support::only_reads(&s3);
}

#[test]
fn a_folder_for_data_files_is_only_for_local_reports() {
    let refused = "--data-dir is only for local reports";
    for args in [
        &["inventory", "--bucket", "bucket"][..],
        &["inventory", "s3://reports/inv/"],
        &["sql", "--dialect", "duckdb", "s3://reports/inv/"],
        &["reconcile", "--bucket", "bucket"],
        &["reconcile", "s3://reports/a/", "s3://reports/b/"],
    ] {
        alone(&[args, &["--data-dir", "."]].concat()).expect(2).says(&[refused]);
        let mut command = program();
        command.args(args).args(["--no-sign-request", "--max-attempts", "1", "--endpoint-url", "http://127.0.0.1:1"]);
        command.env("REPLAUDIT_DATA_DIR", ".");
        let run = run(command).expect(2);
        assert!(!run.stderr.contains(refused) && !run.stderr.contains("Usage:"), "{args:?}: {run:?}");
    }
}

/// A variable that is set for one command does not make another one fail.
#[test]
fn a_variable_that_does_not_go_with_a_run_is_left_out() {
    let values = [
        ("concurrency", "8"),
        ("confirm-max", "9"),
        ("connect-timeout", "9s"),
        ("destination", "dst"),
        ("expected-bucket-owner", "123456789012"),
        ("export-class", "failed"),
        ("max-attempts", "1"),
        ("only", "failed"),
        ("output", "json"),
        ("addressing-style", "path"),
        ("color", "never"),
        ("progress", "never"),
        ("read-timeout", "9s"),
        ("request-payer", "requester"),
        ("timeout", "9s"),
        ("engine", "local"),
        ("dialect", "duckdb"),
        ("top", "3"),
        ("write", "json=/nonexistent/x.json"),
        ("journal", "/nonexistent/journal"),
        ("overdue", "1h"),
        ("max-age", "none"),
        ("memory", "64MiB"),
        ("by", "age"),
        ("fail-on", "failed:9"),
        ("export", "/nonexistent/x.csv"),
        ("verify-deleted", "all"),
    ];
    let runs: [&[&str]; 6] = [
        &["status", "s3://bucket/k"],
        &["inventory", "/nonexistent/manifest.json"],
        &["safe-delete", "--dry-run", "s3://bucket/k"],
        &["undo", "--dry-run", "/nonexistent/x.json"],
        &["schema", "status"],
        &["completions", "bash"],
    ];
    for args in runs {
        let mut command = program();
        command.args(args).args(["--no-sign-request", "--max-attempts", "1", "--endpoint-url", "http://127.0.0.1:1"]);
        for (_, option, variable) in options().into_iter().filter(|(command, ..)| command == args[0]) {
            let value = values.iter().find(|(name, _)| *name == option).map_or("some-text", |(_, value)| value);
            command.envs(variable.map(|name| (name, value)));
        }
        command.env_remove("REPLAUDIT_CA_BUNDLE");
        // Two variables that exclude each other are an error: figures have no older report and no rows to export.
        command.env_remove("REPLAUDIT_FIGURES");
        let run = run(command);
        assert!(!run.stderr.contains("Usage:") && !run.stderr.contains("For more information"), "{args:?}: {run:?}");
        if ["completions", "schema"].contains(&args[0]) {
            assert_eq!(run.stdout, alone(args).stdout);
        }
    }
}
