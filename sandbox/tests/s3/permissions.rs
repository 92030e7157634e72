//! Denials: what a missing permission looks like from outside.

use replaudit_sandbox::{Bucket, Principal, Sandbox, Versioning};

use crate::support::{block, client, client_as, pair, raw, refusal};

#[test]
fn without_list_permission_a_missing_key_is_403() {
    let s3 = pair();
    s3.put("src", "k", "x");
    s3.principal(Principal::new("AKBLIND", "secret").deny("s3:ListBucket"));
    let blind = client_as(&s3, "AKBLIND", "secret", "us-east-1");
    let seeing = client(&s3);
    block(blind.head_object().bucket("src").key("k").send()).unwrap();
    let head = |client: &aws_sdk_s3::Client| refusal(block(client.head_object().bucket("src").key("absent").send())).0;
    assert_eq!((head(&seeing), head(&blind)), (404, 403));
    let list = block(blind.list_objects_v2().bucket("src").send());
    assert_eq!(refusal(list), (403, Some("AccessDenied".into())));
    s3.delete("src", "k");
    let marker = block(blind.head_object().bucket("src").key("k").send());
    assert_eq!(refusal(marker).0, 403);
}

#[test]
fn each_action_can_be_denied() {
    let s3 = pair();
    let id = s3.put("src", "secret/k", "x");
    s3.put("src", "open/k", "x");
    s3.principal(
        Principal::new("AK", "secret")
            .deny_on("s3:GetObject", "src/secret/")
            .deny("s3:DeleteObjectVersion")
            .deny("s3:GetBucketVersioning")
            .deny("s3:GetReplicationConfiguration")
            .deny("s3:GetInventoryConfiguration")
            .deny("s3:ListBucketVersions"),
    );
    let client = client_as(&s3, "AK", "secret", "us-east-1");
    block(async {
        client.head_object().bucket("src").key("open/k").send().await.unwrap();
        let head = client.head_object().bucket("src").key("secret/k");
        assert_eq!(refusal(head.clone().send().await).0, 403);
        head.version_id(&id).send().await.unwrap();
        let delete = client.delete_object().bucket("src").key("open/k").version_id(&id);
        assert_eq!(refusal(delete.send().await).0, 403);
        client.delete_object().bucket("src").key("open/k").send().await.unwrap();
        assert_eq!(refusal(client.get_bucket_versioning().bucket("src").send().await).0, 403);
        assert_eq!(refusal(client.get_bucket_replication().bucket("src").send().await).0, 403);
        let list = client.list_bucket_inventory_configurations().bucket("src").send().await;
        assert_eq!(refusal(list).0, 403);
        assert_eq!(refusal(client.list_object_versions().bucket("src").send().await).0, 403);
        let batch = aws_sdk_s3::types::Delete::builder()
            .objects(aws_sdk_s3::types::ObjectIdentifier::builder().key("secret/k").version_id(&id).build().unwrap())
            .build()
            .unwrap();
        let done = client.delete_objects().bucket("src").delete(batch).send().await.unwrap();
        assert_eq!(done.errors()[0].code(), Some("AccessDenied"));
        // Comparing an ETag is reading, for which this key has no permission.
        let delete = client.delete_object().bucket("src").key("secret/k").if_match("\"0000\"");
        assert_eq!(refusal(delete.send().await).0, 403);
    });
    assert_eq!(s3.versions("src", "secret/k").len(), 1);
}

#[test]
fn buckets_can_deny_actions_or_require_a_payer_or_an_owner() {
    let s3 = Sandbox::start().unwrap();
    s3.create_bucket(
        Bucket::new("foreign").versioning(Versioning::Enabled).deny("s3:GetObject*").owner("999999999999"),
    );
    s3.create_bucket(Bucket::new("paid").requester_pays(true));
    s3.put("foreign", "k", "x");
    s3.put("paid", "k", "x");
    let client = client(&s3);
    block(async {
        assert_eq!(refusal(client.head_object().bucket("foreign").key("k").send().await).0, 403);
        let list = client.list_objects_v2().bucket("foreign");
        list.clone().expected_bucket_owner("999999999999").send().await.unwrap();
        let other = list.expected_bucket_owner("111122223333").send().await;
        assert_eq!(refusal(other).0, 403);
        let head = client.head_object().bucket("paid").key("k");
        assert_eq!(refusal(head.clone().send().await).0, 403);
        head.request_payer(aws_sdk_s3::types::RequestPayer::Requester).send().await.unwrap();
        s3.principal(Principal::new("AK", "secret").deny("s3:ListBucket"));
        let blind = client_as(&s3, "AK", "secret", "us-east-1");
        let error = blind.head_bucket().bucket("foreign").send().await.unwrap_err();
        let response = error.raw_response().unwrap();
        assert_eq!(response.status().as_u16(), 403);
        assert_eq!(response.headers().get("x-amz-bucket-region"), Some("us-east-1"));
    });
    assert_eq!(raw(&s3, "HEAD", "/paid/k", &[]).status, 403);
}
