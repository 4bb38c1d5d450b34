//! What was so, and what is said: a repository whose truth is known, and a connection that breaks.

use gitratra_sim::{Endpoint, Fault, FaultPlan, Metric, RepoSpec, Sim};

#[tokio::main]
async fn main() {
    let sim = Sim::builder()
        .seed(7)
        .at("2026-03-10T12:00:00Z")
        .repo(RepoSpec::new("octo/alpha").created("2024-05-01"))
        .token("ghp_example")
        .start()
        .await;
    let (views, uniques) = sim.truth("octo/alpha", Metric::Views, "2026-03-09");
    assert!(uniques <= views);
    sim.fault(
        FaultPlan::new(Fault::Close)
            .endpoint(Endpoint::Views)
            .once(),
    );
    sim.advance_days(1);
}
