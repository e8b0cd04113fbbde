//! What was counted as one page of HTML with charts: no script, no style sheet and no picture
//! from elsewhere, so that it can be mailed and kept.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use restante_view::text;

use super::{
    count::{By, Count, Counted},
    report::{columns, heading},
};
use crate::output::word;

const STYLE: &str = "\
:root{color-scheme:light dark;--bar:#2f6f9f;--more:#d08b2a}
@media(prefers-color-scheme:dark){:root{--bar:#6fb1e0;--more:#e0b060}}
body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem}
h2{margin-top:2.5rem}table{border-collapse:collapse;width:100%}
th,td{padding:.25rem .6rem;text-align:right;border-bottom:1px solid #8884}
th:first-child,td:first-child{text-align:left;overflow-wrap:anywhere}
svg{width:100%;height:auto;margin:.5rem 0 1rem}svg text{fill:currentColor;font:12px sans-serif}
.bar{fill:var(--bar);background:var(--bar)}.more{fill:var(--more);background:var(--more)}
.key{display:inline-block;width:.9em;height:.9em}.wide{overflow-x:auto}";

/// How high the highest column is, and how wide the widest bar, in the units of the picture.
const HIGH: f64 = 160.0;
const WIDE: f64 = 480.0;
const LINE: f64 = 22.0;

pub(super) fn page(counted: &Counted) -> String {
    let groups = counted.groups.iter().filter(|(_, group)| !group.is_empty());
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { "Traffic of the message store" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "Traffic of the message store" }
                p { (heading(counted)) }
                p { span.key.bar {} " delivered " span.key.more {} " submitted" }
                @for (by, group) in groups {
                    h2 id=(word(*by)) { "By " (word(*by)) }
                    (chart(*by, group))
                    (table(*by, group))
                }
            }
        }
    };
    page.into_string()
}

fn table(by: By, group: &[(String, Count)]) -> Markup {
    let columns = columns(group);
    html! {
        div.wide { table {
            thead { tr {
                th scope="col" { (word(by)) }
                @for (_, head, _) in &columns { th scope="col" { (head) } }
            } }
            tbody { @for (of, count) in group { tr {
                th scope="row" { (text::line(of)) }
                @for (_, _, value) in &columns {
                    td { @if let Some(value) = value(count) { (value) } }
                }
            } } }
        } }
    }
}

/// What a chart shows of a count: what came, and what went.
fn shown(by: By, count: &Count) -> (u64, u64) {
    match by {
        By::Operation => (count.records, 0),
        By::Latency => (count.waited + count.delivered, count.deleted),
        _ => (count.delivered + count.reports, count.submitted),
    }
}

/// Columns for what has an order of its own, bars for names.
fn chart(by: By, group: &[(String, Count)]) -> Markup {
    let values = group.iter().map(|(_, count)| shown(by, count));
    let most = values.map(|(one, other)| one + other).max().unwrap_or(0).max(1);
    match by {
        By::Mailbox | By::Originator | By::Operation => bars(by, group, most),
        _ => stand(by, group, most),
    }
}

fn part(value: u64, most: u64, length: f64) -> f64 {
    length * value as f64 / most as f64
}

fn title(by: By, of: &str, (one, other): (u64, u64)) -> String {
    let of = text::line(of);
    match by {
        By::Operation => format!("{of}: {one}"),
        By::Latency => format!("{of}: {}", one + other),
        _ => format!("{of}: {one} delivered, {other} submitted"),
    }
}

fn bars(by: By, group: &[(String, Count)], most: u64) -> Markup {
    let high = LINE * group.len() as f64;
    let label = format!("By {}", word(by));
    html! {
        svg viewBox=(format!("0 0 1000 {high}")) role="img" aria-label=(label) {
            @for (at, (of, count)) in group.iter().enumerate() {
                @let values = shown(by, count);
                @let [one, other] = [values.0, values.1].map(|value| part(value, most, WIDE));
                @let y = LINE * at as f64;
                text x="440" y=(y + 15.0) text-anchor="end" { (short(of)) }
                g {
                    title { (title(by, of, values)) }
                    (rect("bar", [450.0, y + 3.0, one, 16.0]))
                    (rect("more", [450.0 + one, y + 3.0, other, 16.0]))
                }
            }
        }
    }
}

fn stand(by: By, group: &[(String, Count)], most: u64) -> Markup {
    let step = 1000.0 / group.len().max(8) as f64;
    let (wide, label) = (step * 0.8, format!("By {}", word(by)));
    html! {
        svg viewBox=(format!("0 0 1000 {}", HIGH + 40.0)) role="img" aria-label=(label) {
            @for (at, (of, count)) in group.iter().enumerate() {
                @let values = shown(by, count);
                @let [one, other] = [values.0, values.1].map(|value| part(value, most, HIGH));
                @let (x, top) = (step * at as f64, 10.0 + HIGH - one);
                g {
                    title { (title(by, of, values)) }
                    (rect("bar", [x + step * 0.1, top, wide, one]))
                    (rect("more", [x + step * 0.1, top - other, wide, other]))
                }
                @if group.len() <= 12 || by == By::Hour || at % 7 == 0 {
                    text x=(x + step / 2.0) y=(HIGH + 28.0) text-anchor="middle" { (short(of)) }
                }
            }
        }
    }
}

fn rect(class: &str, place: [f64; 4]) -> Markup {
    let [x, y, width, height] = place.map(|value| format!("{value:.1}"));
    html! { rect class=(class) x=(x) y=(y) width=(width) height=(height) {} }
}

/// As much of a name as there is room for.
fn short(of: &str) -> String {
    let of = text::line(of);
    match of.chars().count() > 58 {
        true => of.chars().take(57).chain(['…']).collect(),
        false => of,
    }
}
