//! The targets, and how far from them the measurements are.

use workload::Size;

use crate::measure::{Measurements, Run, Spread};
use crate::subjects::{NOTHING, PYTHON, named};

/// What a figure counts.
#[derive(Copy, Clone, Eq, PartialEq)]
pub(crate) enum Unit {
    /// Seconds of CPU time.
    Cpu,
    /// Bytes of memory.
    Memory,
    /// One figure as a multiple of another.
    Ratio,
    /// Of growth.
    Exponent,
    /// Files, or other things.
    Count,
}

/// One promise and what became of it; less is better.
pub(crate) struct Line {
    /// What is promised.
    pub(crate) what: String,
    /// What its figures count.
    pub(crate) unit: Unit,
    /// What was measured, or why nothing was.
    pub(crate) figure: Result<Spread, String>,
    /// What it must not be above. Without one, the figure is only told.
    pub(crate) target: Option<f64>,
    /// What would be better still.
    pub(crate) stretch: Option<f64>,
}

/// Every line whose subjects were measured, or failed to be.
pub(crate) fn lines(measurements: &Measurements) -> Vec<Line> {
    let of = |name: &str, size| Named(measurements, named(name, size));
    let python = Named(measurements, PYTHON.to_owned());
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
    lines.push(of("check", xl).peak("peak memory, check XL"));
    lines.push(of("build", xl).peak("peak memory, build XL"));
    lines.push(Named(measurements, NOTHING.to_owned()).floor());
    for name in ["check", "build"] {
        let what = format!("growth L to XL, {name}: exponent");
        lines.push(of(name, xl).growth(&of(name, l), &what));
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

/// A subject by its name, whether it was measured or not.
struct Named<'a>(&'a Measurements, String);

impl Named<'_> {
    /// The runs, or why it failed; nothing when it took no part.
    fn runs(&self) -> Option<Result<&[Run], String>> {
        let Self(measurements, name) = self;
        if let Some(failure) = measurements.failures.get(name) {
            return Some(Err(format!("`{name}` failed: {failure}")));
        }
        measurements.runs(name).map(Ok)
    }

    fn cpu(&self, what: &str, target: Option<f64>, stretch: Option<f64>) -> Option<Line> {
        let figure = self.each(|run| run.cpu.as_secs_f64())?;
        Some(line(what, Unit::Cpu, figure, target, stretch))
    }

    /// CPU time over that of a yardstick in the same round.
    fn over(&self, yardstick: &Self, what: &str, target: Option<f64>, stretch: Option<f64>) -> Option<Line> {
        let figure = self.paired(yardstick, |own, other| own / other)?;
        Some(line(what, Unit::Ratio, figure, target, stretch))
    }

    /// The exponent with which CPU time grows from L to XL, over the number of grants.
    fn growth(&self, smaller: &Self, what: &str) -> Option<Line> {
        let grants = Size::Xl.grants() as f64 / Size::L.grants() as f64;
        let figure = self.paired(smaller, |xl, l| (xl / l).ln() / grants.ln())?;
        Some(line(what, Unit::Exponent, figure, Some(1.05), Some(1.0)))
    }

    fn peak(&self, what: &str) -> Option<Line> {
        let figure = self.each(|run| run.peak as f64)?;
        Some(line(what, Unit::Memory, figure, Some(48e6), Some(24e6)))
    }

    fn floor(&self) -> Option<Line> {
        let figure = self.each(|run| run.peak as f64)?;
        let what = "peak memory, least that can be seen";
        Some(line(what, Unit::Memory, figure, None, None))
    }

    fn each(&self, figure: fn(&Run) -> f64) -> Option<Result<Spread, String>> {
        let runs = self.runs()?;
        Some(runs.and_then(|runs| spread(runs.iter().map(figure))))
    }

    fn paired(&self, other: &Self, figure: impl Fn(f64, f64) -> f64) -> Option<Result<Spread, String>> {
        let (runs, others) = (self.runs()?, other.runs()?);
        Some(runs.and_then(|runs| {
            let pairs = runs.iter().zip(others?);
            spread(pairs.map(|(own, other)| figure(own.cpu.as_secs_f64(), other.cpu.as_secs_f64())))
        }))
    }
}

fn spread(figures: impl Iterator<Item = f64>) -> Result<Spread, String> {
    Spread::of(figures).ok_or_else(|| "nothing was measured".to_owned())
}

/// A line from its parts.
pub(crate) fn line(
    what: &str,
    unit: Unit,
    figure: Result<Spread, String>,
    target: Option<f64>,
    stretch: Option<f64>,
) -> Line {
    Line { what: what.to_owned(), unit, figure, target, stretch }
}
