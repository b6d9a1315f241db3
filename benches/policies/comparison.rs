//! What linters find in the same policies, and where they differ on escalation.

use std::path::Path;

use measure::{Measurements, Report, Result};
use serde_json::json;

use crate::corpus::Corpus;
use crate::linters::{Findings, Linter};

/// Tells what the linters that never failed found in their last run; the first of them is bailiwick.
pub(crate) fn tell(
    corpus: &Corpus,
    folder: &Path,
    linters: &[Linter],
    measurements: &Measurements,
    report: &mut Report,
) -> Result<()> {
    report.say(&format!("\n{:<28} {:>10} {:>10} {:>12}", "found", "findings", "policies", "escalation"))?;
    let mut read: Vec<(&Linter, Findings)> = Vec::new();
    for linter in linters {
        let name = linter.tool.name;
        if measurements.failures.contains_key(name) {
            continue;
        }
        match linter.findings(folder, corpus) {
            Ok(findings) => {
                let escalating = linter.tool.escalations.iter().map(|kind| findings.escalating(kind).len().to_string());
                let escalating: Vec<String> = escalating.collect();
                report.say(&format!(
                    "{:<28} {:>10} {:>10} {:>12}",
                    format!("{name} {}", linter.version),
                    findings.count,
                    findings.policies.len(),
                    escalating.join(" + ")
                ))?;
                report.record(json!({
                    "linter": name, "version": linter.version, "findings": findings.count,
                    "policies": findings.policies.len(), "escalations": findings.escalations,
                }))?;
                read.push((linter, findings));
            }
            Err(error) => report.say(&format!("{name:<28} {error}"))?,
        }
    }
    read.retain(|(linter, _)| !linter.tool.escalations.is_empty());
    match read.split_first() {
        Some((own, peers)) if !peers.is_empty() => escalation(own, peers, report),
        _ => Ok(()),
    }
}

/// Which policies let their holder escalate: a line for each peer, and one for each way in which bailiwick says so.
fn escalation(own: &(&Linter, Findings), peers: &[(&Linter, Findings)], report: &mut Report) -> Result<()> {
    let (bailiwick, own) = own;
    let row = |what: &str, figures: [&str; 4], report: &Report| {
        let [says, both, only_it, only_we] = figures;
        report.say(&format!("{what:<34} {says:>8} {both:>8} {only_it:>8} {only_we:>14}"))
    };
    report.say("")?;
    row("can escalate", ["it says", "both", "only it", "only bailiwick"], report)?;
    let ours = own.all_escalating();
    for (linter, peer) in peers {
        let name = linter.tool.name;
        let theirs = peer.all_escalating();
        let both = theirs.intersection(&ours).count();
        let only_it: Vec<&String> = theirs.difference(&ours).copied().collect();
        let only_we: Vec<&String> = ours.difference(&theirs).copied().collect();
        let figures = [theirs.len(), both, only_it.len(), only_we.len()].map(|figure| figure.to_string());
        row(name, figures.each_ref().map(String::as_str), report)?;
        for kind in bailiwick.tool.escalations {
            let of_kind = own.escalating(kind);
            let both = of_kind.iter().filter(|policy| theirs.contains(policy)).count();
            let (only_we, both) = ((of_kind.len() - both).to_string(), both.to_string());
            row(&format!("  bailiwick: {kind}"), ["", &both, "", &only_we], report)?;
        }
        for policy in &only_it {
            report.say(&format!("  only {name}: {policy}"))?;
        }
        report.record(json!({
            "linter": name, "both": both, "only_it": only_it, "only_bailiwick": only_we,
        }))?;
    }
    Ok(())
}
