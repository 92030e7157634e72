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
