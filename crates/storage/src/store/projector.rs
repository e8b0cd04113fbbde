//! The projector: puts what is durable into the index, and makes the next segment ready.

use std::sync::Arc;

use super::Shared;
use crate::{backend::remove_index_files, log::NextSegment, view::Work};

/// Works until the view is closed and all is in the index.
pub(super) fn run(shared: &Shared, next: &Arc<NextSegment>) {
    loop {
        match shared.view.pending().next_work() {
            // Where there is no room, the writer finds out when it needs the segment, and says so.
            Work::PrepareSegment => drop(next.prepare()),
            Work::Project(records) => {
                let projected = shared.index.project(records.iter().map(|record| &**record));
                if let Err(error) = projected {
                    shared.stop(format!("the index can't be written ({error})"));
                    // The next start makes it again; what is open can still be read.
                    if let Some(path) = shared.index.path() {
                        let _ = remove_index_files(path);
                    }
                    shared.view.pending().give_up();
                    return;
                }
                if let Some(last) = records.last() {
                    shared.view.projected(last.change);
                }
            }
            Work::Finish => return,
        }
    }
}
