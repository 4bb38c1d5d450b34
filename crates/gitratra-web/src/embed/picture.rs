//! A chart as a picture of its own.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::*;

/// Sizes that are drawn.
const WIDTHS: std::ops::RangeInclusive<u32> = 240..=2560;
const HEIGHTS: std::ops::RangeInclusive<u32> = 120..=1440;
/// A PNG is drawn twice as large, for dense screens.
const DENSITY: f32 = 2.0;
/// Pictures of points that are drawn at once.
static EASELS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(2)));

pub(super) async fn chart(
    State(site): State<Site>,
    Path((owner, repo, file)): Path<(String, String, String)>,
    call: Call,
) -> Result<Response, Problem> {
    let Some((word, what, ending @ ("svg" | "png"))) = what(&file) else {
        return Err(Problem::NotFound);
    };
    let about = seen(&site, &call, &owner, &repo).await?;
    let canvas = canvas(&call.params, ending)?;
    let view = View::of(&call.params)?;
    let (_, words) = asked(&call.params)?;
    let drawn = draw(&site, &about, (word, what), &view, &canvas).await?;
    let Some(mut drawn) = drawn else {
        return Err(Problem::NotFound);
    };
    // By the name that was asked for: a signed address tells no new one.
    drawn.title = format!("{word} of {owner}/{repo}, {words}");
    let svg = chart::document(drawn.svg(&canvas));
    if ending == "svg" {
        return Ok(answer(
            "image/svg+xml; charset=utf-8",
            svg,
            is_for_all(&site, &about),
        ));
    }
    // Drawing takes the processor and much memory, which others need meanwhile. The place is held
    // until the drawing has ended, whether somebody still waits for it or not.
    let place = Arc::clone(&EASELS).acquire_owned().await;
    let png = tokio::task::spawn_blocking(move || {
        let png = chart::png(&svg, DENSITY);
        drop(place);
        png
    });
    match png.await {
        Ok(Ok(png)) => Ok(answer("image/png", png, is_for_all(&site, &about))),
        Ok(Err(error)) => Err(Problem::Bad(error.to_string())),
        Err(_) => Ok(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
    }
}

fn canvas(params: &Params, ending: &str) -> Result<Canvas, Problem> {
    let length = |name: &str, usual: u32, bounds: std::ops::RangeInclusive<u32>| {
        let length: Option<u32> = params.parsed(name)?;
        let length = length.unwrap_or(usual);
        match bounds.contains(&length) {
            true => Ok(length),
            false => Err(Problem::Bad(format!(
                "{name} is from {} to {} pixels",
                bounds.start(),
                bounds.end()
            ))),
        }
    };
    let theme = match (params.get("theme"), ending) {
        (Some("dark"), _) => Theme::Dark,
        (Some("auto") | None, "svg") => Theme::Auto,
        (Some("light" | "auto") | None, _) => Theme::Light,
        (Some(other), _) => {
            return Err(Problem::Bad(format!(
                "\"{other}\" is no theme: it is light, dark or auto"
            )));
        }
    };
    Ok(Canvas {
        width_px: length("width", 720, WIDTHS)?,
        height_px: length("height", 240, HEIGHTS)?,
        theme,
    })
}

async fn draw(
    site: &Site,
    about: &About,
    (word, what): (&str, What),
    view: &View,
    canvas: &Canvas,
) -> Result<Option<TimeChart>, Problem> {
    let store = site.store();
    let Some((known, range)) = about
        .known
        .and_then(|known| Some((known, view.asked.of(known)?)))
    else {
        return Ok(None);
    };
    if !View::is_sane(range) {
        return Err(Problem::Bad("the range is longer than 40 years".to_owned()));
    }
    let fits = chart::step_that_fits(range, canvas.width_px);
    let step = view
        .step
        .unwrap_or_else(|| coarser(fits, usual_step(range)));
    let of = |range: DayRange, layers: Vec<Layer>| TimeChart {
        id: "c".to_owned(),
        title: String::new(),
        description: format!("{word} from {} to {}", range.first(), range.last()),
        range,
        step,
        scale: view.scale,
        layers,
        marks: Vec::new(),
        newest: Some(known.last().min(range.last())),
        unit: word.to_owned(),
        zero_based: true,
    };
    let drawn = match what {
        What::Count(metric) | What::People(metric) => {
            let days = store.days(about.id, Some(range)).await?;
            let rows = all_days(&Series::new(days), range);
            let layers = traffic(&figures::fold(&rows, metric, step), (metric, what), step);
            of(range, layers)
        }
        What::Stars => {
            let stars = Stars::read(store, about.id, (view.asked, about.known), Some(step)).await?;
            let Some(stars) = stars else { return Ok(None) };
            let points = stars.steps.iter().map(|(step, _, total)| Point {
                range: *step,
                value: total.map(|total| PointValue::Measured(large(total))),
            });
            of(
                stars.range,
                vec![layer("stars", Ink::Stars, Shape::Line, points.collect())],
            )
        }
        What::Forks => {
            let counters = store.counters(about.id, Some(range)).await?;
            let points = step.of(range).into_iter().map(|step| {
                let mut runs = counters.iter().rev();
                let run = runs.find(|run| run.days.intersection(step).is_some());
                Point {
                    range: step,
                    value: run.map(|run| PointValue::Measured(large(run.counters.forks))),
                }
            });
            of(
                range,
                vec![layer("forks", Ink::Forks, Shape::Line, points.collect())],
            )
        }
        What::Downloads => {
            let question = (view.asked, about.known);
            let found = AllDownloads::read(store, about.id, question, site.rules()).await?;
            let Some(found) = found else { return Ok(None) };
            let layer = layer(
                "downloads",
                Ink::Downloads,
                Shape::Band,
                downloads(&found, step),
            );
            of(found.range, vec![layer])
        }
    };
    Ok(Some(drawn))
}

fn downloads(found: &AllDownloads, step: Step) -> Vec<Point> {
    let histories: Vec<_> = found.programs().map(|file| &file.history).collect();
    let steps = step.of(found.range).into_iter();
    let points = steps.map(|step| {
        let sum = gitratra_core::download::total(histories.iter().copied(), step);
        Point {
            range: step,
            value: (sum.days_missing == 0).then(|| PointValue::Bounds {
                at_least: large(sum.count.lower()),
                at_most: large(sum.count.upper()),
            }),
        }
    });
    points.collect()
}

/// Events, and where days are shown the people among them.
fn traffic(folds: &[figures::Fold], (metric, what): (Metric, What), step: Step) -> Vec<Layer> {
    let (ink, people) = match metric {
        Metric::Views => (Ink::Views, Ink::ViewsUniques),
        Metric::Clones => (Ink::Clones, Ink::ClonesUniques),
    };
    let point = |fold: &figures::Fold, number: Option<u64>| Point {
        range: fold.range,
        value: number.map(|number| match fold.is_whole(step) {
            true => PointValue::Measured(large(number)),
            false => PointValue::Partial(large(number)),
        }),
    };
    let mut layers = Vec::new();
    if matches!(what, What::Count(_)) {
        let counts = folds.iter().map(|fold| point(fold, fold.count));
        layers.push(layer(metric.word(), ink, Shape::Area, counts.collect()));
    }
    // People of several days are no sum, so that a chart of them goes by days.
    if step == Step::Day {
        let uniques = folds.iter().map(|fold| point(fold, fold.uniques));
        layers.push(layer("uniques", people, Shape::Area, uniques.collect()));
    }
    layers
}

const fn coarser(one: Step, other: Step) -> Step {
    match (one, other) {
        (Step::Month, _) | (_, Step::Month) => Step::Month,
        (Step::Week, _) | (_, Step::Week) => Step::Week,
        (Step::Day, Step::Day) => Step::Day,
    }
}

fn layer(label: &str, ink: Ink, shape: Shape, points: Vec<Point>) -> Layer {
    Layer {
        label: label.to_owned(),
        ink,
        shape,
        points,
    }
}

#[expect(clippy::cast_precision_loss, reason = "pixels need fewer digits")]
const fn large(number: u64) -> f64 {
    number as f64
}
