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
    /// One CPU time as a multiple of another, or an exponent.
    Ratio,
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

/// Every line that follows from measurements alone.
pub(crate) fn lines(measurements: &Measurements) -> Vec<Line> {
    let of = |name: &str, size| Named(measurements, named(name, size));
    let python = Named(measurements, PYTHON.to_owned());
    let (s, l, xl) = (Size::S, Size::L, Size::Xl);
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
        if measurements.is_known(&named(peer, l)) {
            let what = format!("build L / {peer} L");
            let (target, stretch) = (Some(1.0 / target), Some(1.0 / stretch));
            lines.push(of("build with peers", l).over(&of(peer, l), &what, target, stretch));
        }
    }
    if measurements.is_known(&named("plan", Size::M)) {
        let plan = of("plan", Size::M);
        let fixed = of("plan of static blocks", Size::M);
        lines.push(plan.over(&fixed, "terraform plan M / static blocks", Some(1.0), None));
        lines.push(plan.cpu("terraform plan M", None, Some(45.0)));
    }
    lines
}

/// A subject by its name, whether it was measured or not.
struct Named<'a>(&'a Measurements, String);

impl Named<'_> {
    fn runs(&self) -> Result<&[Run], String> {
        let Self(measurements, name) = self;
        measurements
            .runs(name)
            .ok_or_else(|| match measurements.failures.get(name) {
                Some(failure) => format!("`{name}` failed: {failure}"),
                None => format!("`{name}` was not measured"),
            })
    }

    fn cpu(&self, what: &str, target: Option<f64>, stretch: Option<f64>) -> Line {
        let figure = self
            .runs()
            .and_then(|runs| spread(runs.iter().map(|run| run.cpu.as_secs_f64())));
        line(what, Unit::Cpu, figure, target, stretch)
    }

    /// CPU time over that of a yardstick in the same round.
    fn over(
        &self,
        yardstick: &Self,
        what: &str,
        target: Option<f64>,
        stretch: Option<f64>,
    ) -> Line {
        let figure = self.paired(yardstick, |own, other| own / other);
        line(what, Unit::Ratio, figure, target, stretch)
    }

    /// The exponent with which CPU time grows from L to XL, over the number of grants.
    fn growth(&self, smaller: &Self, what: &str) -> Line {
        let grants = Size::Xl.grants() as f64 / Size::L.grants() as f64;
        let figure = self.paired(smaller, |xl, l| (xl / l).ln() / grants.ln());
        line(what, Unit::Ratio, figure, Some(1.05), Some(1.0))
    }

    fn paired(&self, other: &Self, figure: impl Fn(f64, f64) -> f64) -> Result<Spread, String> {
        let pairs = self.runs()?.iter().zip(other.runs()?);
        spread(pairs.map(|(own, other)| figure(own.cpu.as_secs_f64(), other.cpu.as_secs_f64())))
    }

    fn peak(&self, what: &str) -> Line {
        let figure = self
            .runs()
            .and_then(|runs| spread(runs.iter().map(|run| run.peak as f64)));
        line(what, Unit::Memory, figure, Some(48e6), Some(24e6))
    }

    fn floor(&self) -> Line {
        Line {
            target: None,
            stretch: None,
            ..self.peak("peak memory, least that can be seen")
        }
    }
}

impl Measurements {
    /// Whether a subject was measured, or failed to be.
    fn is_known(&self, name: &str) -> bool {
        self.runs(name).is_some() || self.failures.contains_key(name)
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
    Line {
        what: what.to_owned(),
        unit,
        figure,
        target,
        stretch,
    }
}
