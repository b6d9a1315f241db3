//! The targets, and how far from them the measurements are.

use measure::{Line, Measurements, Named, Unit, line};
use workload::Size;

use crate::subjects::{NOTHING, PYTHON, named};

/// Every line whose subjects were measured, or failed to be.
pub(crate) fn lines(measurements: &Measurements) -> Vec<Line> {
    let of = |name: &str, size| Named::new(measurements, named(name, size));
    let python = Named::new(measurements, PYTHON);
    let (s, m, l, xl) = (Size::S, Size::M, Size::L, Size::Xl);
    let mut lines = vec![
        of("check", s).cpu("check S", Some(0.005), Some(0.003)),
        of("check", s).over(&python, "check S / `python -c pass`", Some(1.0), None),
        of("check", l).cpu("check L", Some(0.080), Some(0.040)),
        of("check", xl).cpu("check XL", Some(0.400), Some(0.200)),
    ];
    for size in [l, xl] {
        let build = of("build", size);
        let what = format!("build {size} / check {size}");
        lines.push(build.over(&of("check", size), &what, Some(1.5), Some(1.2)));
    }
    for size in [l, xl] {
        let build = of("build", size);
        let what = format!("build {size} / `cat` of its output");
        lines.push(build.over(&of("cat", size), &what, None, None));
    }
    lines.push(peak(&of("check", xl), "peak memory, check XL"));
    lines.push(peak(&of("build", xl), "peak memory, build XL"));
    lines.push(floor(&Named::new(measurements, NOTHING)));
    for name in ["check", "build"] {
        let what = format!("growth L to XL, {name}: exponent");
        lines.push(growth(&of(name, xl), &of(name, l), &what));
    }
    for (peer, target, stretch) in [("jinja", 50.0, 90.0), ("aws-sso-util", 1_000.0, 5_000.0)] {
        let what = format!("build L / {peer} L");
        let (target, stretch) = (Some(1.0 / target), Some(1.0 / stretch));
        let build = of("build with peers", l);
        lines.push(build.over(&of(peer, l), &what, target, stretch));
    }
    let plan = of("plan", m);
    let fixed = of("plan of static blocks", m);
    lines.push(plan.over(&fixed, "terraform plan M / static blocks", Some(1.0), None));
    lines.push(plan.cpu("terraform plan M", None, Some(45.0)));
    lines.into_iter().flatten().collect()
}

/// The exponent with which CPU time grows from L to XL, over the number of grants.
fn growth(larger: &Named<'_>, smaller: &Named<'_>, what: &str) -> Option<Line> {
    let grants = Size::Xl.grants() as f64 / Size::L.grants() as f64;
    let figure = larger.paired(smaller, |xl, l| (xl / l).ln() / grants.ln())?;
    Some(line(what, Unit::Exponent, figure, Some(1.05), Some(1.0)))
}

fn peak(subject: &Named<'_>, what: &str) -> Option<Line> {
    let figure = subject.each(|run| run.peak as f64)?;
    Some(line(what, Unit::Memory, figure, Some(48e6), Some(24e6)))
}

fn floor(nothing: &Named<'_>) -> Option<Line> {
    let figure = nothing.each(|run| run.peak as f64)?;
    let what = "peak memory, least that can be seen";
    Some(line(what, Unit::Memory, figure, None, None))
}
