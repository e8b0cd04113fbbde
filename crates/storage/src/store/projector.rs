//! The projector: puts what is durable into the index, and makes the next segment ready.

use std::{sync::Arc, thread};

use super::Shared;
use crate::{backend::remove_index_files, index::Index, log::NextSegment, view::Work};

/// Lets the writer go on when the projector ends, also by a panic.
struct End<'a>(&'a Shared);

impl Drop for End<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop("the projector panicked".into());
        }
        self.0.view.pending().give_up();
    }
}

/// Works until the view is closed and all is in the index.
pub(super) fn run(shared: &Shared, next: &Arc<NextSegment>) {
    let _end = End(shared);
    loop {
        match shared.view.pending().next_work() {
            // Where there is no room, the writer finds out when it needs the segment, and says so.
            Work::PrepareSegment => drop(next.prepare()),
            Work::Project(records) => {
                let project = |index: &Index| index.project(records.iter().map(|r| &**r));
                // What is not in it then, the next start puts there.
                let Some(projected) = shared.write_index(project) else { return };
                if let Err(error) = projected {
                    shared.stop(format!("the index can't be written ({error})"));
                    // The next start makes it again; what is open can still be read.
                    if let Some(path) = shared.index.path() {
                        let _ = remove_index_files(path);
                    }
                    return;
                }
                if let Some(last) = records.last() {
                    shared.view.projected(last.change);
                    shared.watch.indexed(last.change);
                    shared.space.want();
                }
            }
            Work::Finish => return,
        }
    }
}
