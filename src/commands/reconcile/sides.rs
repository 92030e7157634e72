//! Finds and opens the reports of both sides.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use s3_answers::RuleDestination;

use super::super::Context;
use super::super::reports::{DESTINATION_ID, ReportChoice, ReportOpener, check_time, locate, scope};
use super::options::{ReconcileOptions, SideOptions};
use crate::audit::ReportScope;
use crate::model::Bucket;
use crate::reconcile::{IdentityKind, NotComparable, PairSide, check_scopes, common_identity};
use crate::report::Report;
use crate::status::same_endpoint;

/// A report of one side.
pub(super) struct OpenSide {
    pub(super) report: Arc<Report>,
    pub(super) scope: Option<ReportScope>,
}

/// The reports of both sides, which can be compared.
pub(super) struct OpenSides {
    pub(super) source: OpenSide,
    pub(super) destination: OpenSide,
    pub(super) identity: IdentityKind,
}

/// Finds and opens both reports, and checks that they can be compared.
pub(super) async fn open_sides(
    options: &ReconcileOptions,
    opener: &ReportOpener<'_>,
    context: &Context,
) -> Result<OpenSides> {
    let by_rules;
    let (source_choice, destination_choice) = match &options.sides {
        SideOptions::Both { source, destination } => (source, destination),
        SideOptions::ByRules { source, destination_id } => {
            let bucket = by_rules_of(source, context).await?;
            by_rules = ReportChoice::Configured { bucket, id: destination_id.clone(), id_option: DESTINATION_ID };
            (source, &by_rules)
        }
    };
    let source = open(PairSide::Source, source_choice, options, opener, context).await?;
    let destination = open(PairSide::Destination, destination_choice, options, opener, context).await?;
    let (one, other) = (&source.report, &destination.report);
    let identity = common_identity(&one.columns, &other.columns)?;
    // Servers may have buckets of one name.
    let endpoint = context.client.endpoint_url.as_deref();
    let elsewhere = options.destination.as_ref().and_then(|at| at.endpoint.as_deref());
    let is_elsewhere = elsewhere.is_some_and(|elsewhere| !same_endpoint(Some(elsewhere), endpoint));
    if one.manifest.source_bucket == other.manifest.source_bucket && !is_elsewhere {
        return Err(NotComparable::SameBucket(one.manifest.source_bucket.clone()).into());
    }
    if let (Some(one), Some(other)) = (&source.scope, &destination.scope) {
        check_scopes(one.prefix.as_deref(), other.prefix.as_deref(), options.prefix.as_deref())?;
    }
    Ok(OpenSides { source, destination, identity })
}

/// The only destination that the rules of the source bucket name.
async fn by_rules_of(source: &ReportChoice, context: &Context) -> Result<Bucket> {
    let Some(bucket) = source.about() else {
        bail!("the destination is not known: name its report, or give --destination BUCKET");
    };
    let store = context.connect().await?;
    let what = || format!("looking for the destination of bucket {bucket} (or give --destination BUCKET)");
    let rules = store.replication(bucket, Duration::ZERO).await.with_context(what)?;
    let places = || rules.rules.iter().filter(|rule| rule.enabled).map(|rule| &rule.destination);
    let mut sites: Vec<(&str, Option<&str>)> = places().map(|place| (place.bucket.as_str(), place.site())).collect();
    sites.sort_unstable();
    sites.dedup();
    let has_more = |place: &RuleDestination| !place.unknown.is_empty();
    let mut named: Vec<&str> = sites.iter().map(|(bucket, _)| *bucket).collect();
    named.dedup();
    if places().any(has_more) || sites.len() > named.len() {
        bail!("the rules of bucket {bucket} may name more places than one bucket: give --destination BUCKET");
    }
    match named.as_slice() {
        [one] => Bucket::new(one).with_context(what),
        [] => bail!("bucket {bucket} has no enabled replication rule: give --destination BUCKET"),
        many => bail!("the rules of bucket {bucket} name {}: give --destination with one of them", many.join(", ")),
    }
}

async fn open(
    side: PairSide,
    choice: &ReportChoice,
    options: &ReconcileOptions,
    opener: &ReportOpener<'_>,
    context: &Context,
) -> Result<OpenSide> {
    let settings = match side {
        PairSide::Source => context.client.clone(),
        PairSide::Destination => options.destination_settings(&context.client),
    };
    let what = || format!("the {} report", side.word());
    let located = locate(choice, &settings, context).await.with_context(what)?;
    let report = opener.open(&located).await.with_context(what)?;
    if let Some(bucket) = choice.about()
        && bucket.as_str() != report.manifest.source_bucket
    {
        let option = match side {
            PairSide::Source => "--bucket",
            PairSide::Destination if options.destination.is_some() => "--destination",
            PairSide::Destination => "a replication rule",
        };
        let (side, about) = (side.word(), report.bucket());
        bail!("the {side} report {} is about bucket {about}, not about {bucket}, which {option} names", report.name);
    }
    check_time(&report, &located, options.max_age, context.now()).with_context(what)?;
    let scope = scope(&report, located.configuration.as_ref(), context);
    Ok(OpenSide { report: Arc::new(report), scope })
}
