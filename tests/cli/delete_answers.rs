//! Answers to a delete that are not what they seem: nothing is reported as deleted or hidden that was not seen to be.

use replaudit_sandbox::{Fault, Sandbox};

use crate::support::{Run, replicated, with};

/// Hides one object after these faults are set; returns the run, the server, and the version.
fn hidden(spoil: impl FnOnce(&Sandbox, &str)) -> (Run, Sandbox, String) {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    spoil(&s3, &version);
    (with(&s3, &["safe-delete", "-y", "-o", "json", "s3://src/k"]), s3, version)
}

#[test]
fn a_page_of_html_is_no_answer_to_a_delete() {
    // The probe with an ETag that nothing has is the first delete on a server other than AWS.
    let (run, s3, _) =
        hidden(|s3, _| s3.fault(Fault::on("DeleteObject").skip(1).raw_body(200, "text/html", "<html>ok</html>")));
    assert_eq!(run.expect(3).fields("outcome"), ["unknown"]);
    assert!(s3.body("src", "k").is_some());
    let (run, _, _) = hidden(|s3, _| {
        s3.fault(Fault::on("DeleteObject").skip(1).raw_body_after_effect(200, "text/html", "<html>ok</html>"))
    });
    assert_eq!(run.expect(0).fields("outcome"), ["marker-created"], "looked up: the marker is there");
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.fault(Fault::on("DeleteObjects").raw_body(200, "text/html", "<html>ok</html>"));
    let args = ["safe-delete", "-y", "-o", "json", "--permanent", "s3://src/k", "--version-id", &version];
    assert_eq!(with(&s3, &args).expect(3).fields("outcome"), ["unknown"]);
    assert!(s3.body("src", "k").is_some());
    // One by one, and without a look afterwards.
    s3.clear_faults();
    s3.fault(Fault::on("DeleteObjects").status(501, "NotImplemented", "no"));
    s3.fault(Fault::on("DeleteObject").raw_body(200, "text/html", "<html>ok</html>"));
    let unseen = [&args[..], &["--verify-deleted", "none"]].concat();
    assert_eq!(with(&s3, &unseen).expect(3).fields("outcome"), ["unknown"]);
}

/// A gateway forwarded the delete, and answered with its own page, without a code of S3.
#[test]
fn a_refusal_of_a_gateway_is_no_proof_that_nothing_was_deleted() {
    for status in [301, 307, 403, 404, 405, 409, 412, 501] {
        let (run, s3, _) =
            hidden(|s3, _| s3.fault(Fault::on("DeleteObject").skip(1).status_after_effect(status, "", "")));
        let run = run.expect(0);
        assert_eq!(run.fields("outcome"), ["marker-created"], "{status}");
        assert_eq!(run.fields("new_marker_version_id"), [s3.versions("src", "k")[0].version_id.clone()], "{status}");
        let s3 = replicated();
        let version = s3.put("src", "k", b"x");
        s3.fault(Fault::on("DeleteObjects").times(1).status_after_effect(status, "", ""));
        let args = ["safe-delete", "-y", "-o", "json", "--permanent", "s3://src/k", "--version-id", &version];
        assert_eq!(with(&s3, &args).expect(0).fields("outcome"), ["version-deleted"], "{status}");
    }
    for (status, outcome, code) in [(412, "kept", 1), (501, "kept", 1), (307, "failed", 2)] {
        let (run, s3, _) = hidden(|s3, _| s3.fault(Fault::on("DeleteObject").skip(1).status(status, "", "")));
        assert_eq!(run.expect(code).fields("outcome"), [outcome], "{status}");
        assert!(s3.body("src", "k").is_some());
    }
}

#[test]
fn an_empty_page_of_a_web_server_is_no_answer_to_a_delete() {
    let s3 = replicated();
    let version = s3.put("src", "k", b"x");
    s3.fault(Fault::on("DeleteObjects").status(501, "NotImplemented", "no"));
    s3.fault(Fault::on("DeleteObject").raw_body(200, "text/html", ""));
    let args = ["safe-delete", "-y", "-o", "json", "--permanent", "s3://src/k", "--version-id", &version];
    let run = with(&s3, &[&args[..], &["--verify-deleted", "none"]].concat()).expect(3);
    assert_eq!(run.fields("outcome"), ["unknown"]);
}

#[test]
fn a_lookup_that_fails_after_a_delete_is_said() {
    let looks = |status: u16, code: &'static str| {
        hidden(move |s3, _| {
            // The second delete is the one that is bound to the checked ETag.
            s3.after("DeleteObject", Some("k"), move |s3| {
                s3.after("DeleteObject", Some("k"), move |s3| {
                    s3.fault(Fault::on("HeadObject").status(status, code, "no"))
                });
            });
        })
        .0
    };
    let run = looks(500, "InternalError").expect(3);
    assert_eq!(run.fields("outcome"), ["marker-created"]);
    assert_eq!(run.json()["summary"]["not_looked_up"], 1);
    run.says(&["1 delete that S3 accepted could not be looked up afterwards"]);
    // A role that may not list the bucket is not told that a key is gone.
    let run = looks(403, "").expect(0);
    assert_eq!(run.fields("outcome"), ["marker-created"]);
    assert!(run.json()["summary"].get("not_looked_up").is_none());
    run.says(&["1 delete that S3 accepted can't be verified, because S3 refused the lookup (403)"]);
}

#[test]
fn a_request_timeout_is_looked_up() {
    let timeout = || Fault::on("DeleteObject").skip(1);
    let (run, _, _) = hidden(|s3, _| s3.fault(timeout().status_after_effect(408, "RequestTimeout", "idle")));
    assert_eq!(run.expect(0).fields("outcome"), ["marker-created"]);
    let (run, s3, _) = hidden(|s3, _| s3.fault(timeout().status(408, "RequestTimeout", "idle")));
    assert_eq!(run.expect(3).fields("outcome"), ["unknown"]);
    assert!(s3.body("src", "k").is_some());
}

#[test]
fn a_marker_with_the_id_of_the_checked_version_is_looked_up() {
    let (run, s3, version) = hidden(|s3, version| {
        s3.fault(Fault::on("DeleteObject").skip(1).header("x-amz-version-id", version.as_bytes()));
    });
    let marker = s3.versions("src", "k")[0].version_id.clone();
    assert_ne!(marker, version);
    let run = run.expect(0);
    assert_eq!(run.fields("new_marker_version_id"), [marker], "the marker that is there, not the one that was named");
}

#[test]
fn a_204_after_which_neither_marker_nor_version_is_there_is_unknown() {
    let (run, _, _) = hidden(|s3, _| {
        s3.before("DeleteObject", Some("k"), |s3| {
            // The second delete is the one that is bound to the checked ETag.
            s3.after("DeleteObject", Some("k"), |s3| {
                s3.after("DeleteObject", Some("k"), |s3| {
                    for held in s3.versions("src", "k") {
                        s3.delete_version("src", "k", &held.version_id);
                    }
                });
            });
        });
    });
    let run = run.expect(3);
    assert_eq!(run.fields("outcome"), ["unknown"]);
}
