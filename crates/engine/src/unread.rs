//! Runs over a few files of a large project: of the others only those are read that the findings
//! hang on, as far as an earlier run has kept what links them all.

use std::sync::Arc;

use asynclint_project::{ClassRef, ModuleId, Unread, Word};
use asynclint_semantic::{ClassId, Facts};
use rayon::prelude::*;

use crate::cache::{Cache, EntryId, KeptLinks, WORTH_WRITING};
use crate::check::{Read, Run};
use crate::load::{About, Loaded};
use crate::members::Member;

/// Of so many files one at most may be checked.
const FEW: usize = 4;

/// A file of the project before linking.
pub(crate) enum Part {
    /// It was read, or its facts were taken from the cache.
    Read(Box<Loaded>),
    /// It is as it was when the cache was written.
    Left(Left),
}

/// The members of a run, by number; for those that cannot be read why.
type Parts = Vec<Result<Part, String>>;

/// What the cache has of a file.
#[derive(Clone, Copy)]
pub(crate) struct Left {
    entry: EntryId,
    pub(crate) about: About,
    /// Its number among those that are linked.
    file: u32,
}

/// What the cache knows of how files are linked.
struct Plan {
    cache: Arc<Cache>,
    kept: KeptLinks,
}

/// Whether so few of the files are checked that the others need not all be read.
pub(crate) fn is_few(checked: usize, files: usize) -> bool {
    checked * FEW <= files
}

impl Run<'_> {
    /// Whether so few files are checked that the others need not all be read.
    pub(crate) fn is_over_few(&self) -> bool {
        let checked = self.members.iter().filter(|member| member.is_checked).count();
        is_few(checked, self.members.len())
    }

    /// The members, each read unless `read` has it already, or left where it need not be; with what
    /// is known of those.
    pub(crate) fn parts<'r>(&'r self, mut read: Read) -> (Parts, Option<Box<dyn Unread + 'r>>) {
        read.resize_with(self.members.len(), || None);
        let plan = self.plan();
        let part = |(index, loaded): (usize, Option<Box<Loaded>>)| {
            if let Some(loaded) = loaded {
                return Ok(Part::Read(loaded));
            }
            let left = plan.as_ref().and_then(|plan| plan.leave(&self.members[index]));
            left.map_or_else(|| self.read(index), |left| Ok(Part::Left(left)))
        };
        let mut parts: Parts = read.into_par_iter().enumerate().map(part).collect();
        let unread = plan.and_then(|plan| plan.unread(self, &parts));
        if unread.is_none() {
            parts.par_iter_mut().enumerate().for_each(|(index, part)| {
                if matches!(part, Ok(Part::Left(_))) {
                    *part = self.read(index);
                }
            });
        }
        (parts, unread)
    }

    /// How to do without reading all files; `None` where all have to be read.
    fn plan(&self) -> Option<Plan> {
        let cache = self.cache.as_ref().filter(|_| self.is_over_few())?;
        Some(Plan { kept: cache.links()?, cache: Arc::clone(cache) })
    }

    fn read(&self, index: usize) -> Result<Part, String> {
        self.load(index).map(|loaded| Part::Read(Box::new(loaded)))
    }
}

impl Plan {
    /// What is kept of a member, if it has not changed since.
    fn leave(&self, member: &Member) -> Option<Left> {
        let config = member.config.as_ref().ok().filter(|_| !member.is_checked)?;
        let file = self.file(member)?;
        let entry = self.cache.unchanged(member.path(), &member.file, config.max_file_size)?;
        let about = self.cache.about(entry)?;
        (about.hash == self.kept.hash(file)).then_some(Left { entry, about, file })
    }

    /// The number of a member among those that are linked.
    fn file(&self, member: &Member) -> Option<u32> {
        self.kept.file(self.cache.name(&member.file)?)
    }

    /// What is known of the modules that were left, if what links them still holds.
    fn unread<'r>(self, run: &'r Run<'r>, parts: &Parts) -> Option<Box<dyn Unread + 'r>> {
        let there =
            || parts.iter().enumerate().filter_map(|(at, it)| Some((at, it.as_ref().ok()?)));
        let is_anew =
            |at: usize, part: &Part| matches!(part, Part::Read(_)) && !run.members[at].is_checked;
        let anew = there().filter(|&(at, part)| is_anew(at, part)).count();
        let members: Vec<usize> = there().map(|(at, _)| at).collect();
        let links = &self.kept.links;
        let holds = anew < WORTH_WRITING
            && members.len() == self.kept.len()
            && run.digest_of_links(&members) == links.digest
            && run.has_packages(&links.packages);
        holds.then_some(())?;
        let left = |part: &Part| match part {
            Part::Left(left) => Some(*left),
            Part::Read(_) => None,
        };
        let left: Vec<Option<Left>> = there().map(|(_, part)| left(part)).collect();
        let mut modules = vec![None; self.kept.len()];
        for (module, (left, &at)) in left.iter().zip(&members).enumerate() {
            let file = left.map(|left| left.file).or_else(|| self.file(&run.members[at]))?;
            modules[file as usize] = Some(ModuleId(module as u32));
        }
        let Self { cache, kept } = self;
        Some(Box::new(LeftModules { run, cache, kept, left, modules, members }))
    }
}

/// The modules whose files are as they were.
struct LeftModules<'r> {
    run: &'r Run<'r>,
    cache: Arc<Cache>,
    kept: KeptLinks,
    /// By module.
    left: Vec<Option<Left>>,
    /// By number of the file.
    modules: Vec<Option<ModuleId>>,
    /// By module.
    members: Vec<usize>,
}

impl LeftModules<'_> {
    fn is_left(&self, file: u32) -> bool {
        let module = self.modules[file as usize];
        module.is_some_and(|module| self.left[module.0 as usize].is_some())
    }
}

impl Unread for LeftModules<'_> {
    fn facts(&self, module: ModuleId) -> Facts {
        let module = module.0 as usize;
        let kept = self.left[module].and_then(|left| self.cache.facts(left.entry));
        // The cache is damaged, or the file has changed this very moment. One that cannot be read
        // defines nothing.
        let again = || self.run.load(self.members[module]).map(|loaded| loaded.facts);
        kept.unwrap_or_else(|| again().unwrap_or_default())
    }

    fn holding(&self, word: Word) -> Vec<ModuleId> {
        let Some(files) = self.cache.holding(word) else {
            // The cache is damaged: any file may.
            return self.modules.iter().flatten().copied().collect();
        };
        files.into_iter().filter_map(|file| *self.modules.get(file as usize)?).collect()
    }

    fn bases(&self, module: ModuleId) -> Option<Vec<(ClassId, ClassRef)>> {
        let left = self.left[module.0 as usize]?;
        let bases = self.kept.bases(left.file, |file| self.is_left(file))?;
        let base = |(id, file, base): (ClassId, u32, ClassId)| {
            Some((id, ClassRef::new(self.modules[file as usize]?, base)))
        };
        bases.map(base).collect()
    }
}
