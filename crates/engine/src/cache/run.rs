//! Runs of which nothing has to be done again: everything is as it was.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError};

use asynclint_project::{ModuleId, Word};
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use xxhash_rust::xxh3::Xxh3;

use super::outcome::{Kept, Package};
use super::{Linking, Links, NewLinks};
use crate::check::{Linked, Run};
use crate::config::Config;
use crate::members::Member;
use crate::outcome::Outcome;

/// Where fewer files belong to a project, the findings of any run are kept; of a larger one those
/// of runs over half of it.
const SMALL: usize = 500;

/// A hash of all that findings can hang on, but for what installed packages hold.
struct Digest(Xxh3);

impl Digest {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn path(&mut self, path: &Path) {
        self.bytes(path.as_os_str().as_encoded_bytes());
    }

    fn value(&mut self, value: &impl Debug) {
        self.bytes(format!("{value:?}").as_bytes());
    }
}

impl Run<'_> {
    /// Puts into `outcome` what an earlier run found, if nothing has changed since. Whether it did.
    pub(crate) fn take_kept(&self, outcome: &mut Outcome) -> bool {
        // How calls were resolved is counted anew: it is asked for to look into a run.
        if !self.texts.is_empty() || self.request.counts_calls {
            return false;
        }
        self.kept().is_some_and(|kept| kept.give(&self.members, outcome).is_some())
    }

    fn kept(&self) -> Option<Kept> {
        let cache = self.cache.as_ref().filter(|cache| cache.has_runs() && self.may_be_kept())?;
        let hash = |member: &Member| {
            let limit = member.config.as_ref().ok()?.max_file_size;
            cache.hash(member.path(), &member.file, limit)
        };
        let hashes: Option<Vec<u128>> = self.members.par_iter().map(hash).collect();
        let kept = Kept::read(&cache.run(self.digest(&hashes?)?)?)?;
        self.has_packages(&kept.packages).then_some(kept)
    }

    /// Whether findings of such a run are kept.
    fn may_be_kept(&self) -> bool {
        let checked = self.members.iter().filter(|member| member.is_checked).count();
        self.members.len() < SMALL || checked * 2 >= self.members.len()
    }

    /// Whether installed packages are what they were when somebody asked for them.
    pub(crate) fn has_packages(&self, packages: &BTreeMap<String, Option<Package>>) -> bool {
        let Some(cache) = &self.cache else { return false };
        let environment = self.environment();
        let is_same = |(name, known): (&String, &Option<Package>)| {
            let found = environment.as_ref().and_then(|environment| environment.find(name));
            match (known, found) {
                (Some(known), Some((_, file))) => {
                    let file = crate::config::absolute(&file);
                    let hash = || cache.hash(&file, &file, crate::config::DEFAULT_MAX_FILE_SIZE);
                    known.file == file && known.hash.is_some() && known.hash == hash()
                }
                (None, None) => true,
                _ => false,
            }
        };
        packages.iter().all(is_same)
    }

    /// What links hang on besides the bytes of files, if `members` are those that could be read.
    pub(crate) fn digest_of_links(&self, members: &[usize]) -> u128 {
        let mut digest = Digest(Xxh3::new());
        let environment = self.environment();
        digest.value(&environment.as_ref().map(|it| it.folders().collect::<Vec<_>>()));
        digest.value(&self.first.as_ref().map(|config| (&config.catalog, &config.added)));
        let of_place = |&index: &usize| {
            let Member { file, place, .. } = &self.members[index];
            let mut digest = Digest(Xxh3::new());
            digest.bytes(&[u8::from(place.is_package), u8::from(place.is_stub)]);
            let roots = place.other_roots.iter().map(|root| &**root);
            for path in [&**file, &place.path, &place.root].into_iter().chain(roots) {
                digest.path(path);
            }
            digest.0.digest128()
        };
        // In any order: whichever are checked come first.
        let places = members.par_iter().map(of_place).reduce(|| 0, u128::wrapping_add);
        digest.bytes(&places.to_le_bytes());
        digest.0.digest128()
    }

    /// What tells this run from others, if the bytes of its members have these hashes.
    fn digest(&self, hashes: &[u128]) -> Option<u128> {
        let mut digest = Digest(Xxh3::new());
        digest.path(&std::env::current_dir().ok()?);
        digest.value(self.request.selection);
        let environment = self.environment();
        digest.value(&environment.as_ref().map(|it| it.folders().collect::<Vec<_>>()));
        let mut about = FxHashMap::default();
        let mut configs = Vec::new();
        for (member, hash) in self.members.iter().zip(hashes) {
            digest.path(member.path());
            digest.bytes(&hash.to_le_bytes());
            digest.bytes(&[
                u8::from(member.is_checked),
                u8::from(member.is_material),
                u8::from(member.place.is_package),
                u8::from(member.place.is_stub),
            ]);
            let folder = member.path().parent().unwrap_or(Path::new("")).as_os_str();
            if !about.contains_key(folder) {
                let config = member.config.clone().ok()?;
                let settings = (number(&mut configs, config), self.pytest.for_file(member.path()));
                about.insert(folder.to_owned(), format!("{settings:?}"));
            }
            digest.bytes(about[folder].as_bytes());
            digest.path(&member.place.root);
            for root in &*member.place.other_roots {
                digest.path(root);
            }
        }
        for config in &configs {
            digest.value(&**config);
        }
        Some(digest.0.digest128())
    }
}

/// The number of `config` among those that were met.
fn number(configs: &mut Vec<Arc<Config>>, config: Arc<Config>) -> usize {
    let known = configs.iter().position(|known| Arc::ptr_eq(known, &config));
    known.unwrap_or_else(|| {
        configs.push(config);
        configs.len() - 1
    })
}

impl Linked<'_> {
    /// Keeps what was read and, of a run without failures, what it found.
    ///
    /// # Errors
    /// One line that says why it cannot be kept.
    pub(crate) fn keep(&self, outcome: &Outcome, failed_before: usize) -> Result<(), String> {
        let Some(cache) = &self.run.cache else { return Ok(()) };
        let members = &self.run.members;
        // A file that failed may have hit a limit of time.
        let is_whole = outcome.failures.len() == failed_before
            && self.kept.len() == members.len()
            && self.run.texts.is_empty()
            && self.run.may_be_kept();
        let run = is_whole.then(|| self.run_to_keep(outcome)).flatten();
        let run = run.as_ref().map(|(digest, blob)| (*digest, blob.as_slice()));
        let modules = || self.project.module_ids().zip(&self.kept).zip(self.project.bases());
        let file = |index: &usize| cache.name(&members[*index].file);
        let digest = self.run.digest_of_links(&self.kept);
        let are_known =
            !self.project.bases().is_empty() && self.kept.iter().all(|it| file(it).is_some());
        let links =
            || {
                let linking = modules().zip(&self.abouts).map(|(((_, index), bases), about)| {
                    Linking { name: file(index).unwrap_or_default(), hash: about.hash, bases }
                });
                Links::of(digest, linking, self.asked.clone())
            };
        let words = || {
            let ids: Vec<ModuleId> = self.project.module_ids().collect();
            let words = |id: ModuleId| {
                let words = Word::all(self.project.facts(id)).into_iter();
                words.map(move |word| (word, id.0)).collect::<Vec<_>>()
            };
            ids.into_par_iter().flat_map_iter(words).collect()
        };
        let are_missed = self.run.is_over_few();
        let links = are_known.then_some(NewLinks { are_missed, links: &links, words: &words });
        cache.close(run, links.as_ref())
    }

    fn run_to_keep(&self, outcome: &Outcome) -> Option<(u128, Vec<u8>)> {
        let hashes: Vec<u128> = self.abouts.iter().map(|about| about.hash).collect();
        // A file whose name is no text has none.
        if hashes.contains(&0) {
            return None;
        }
        let asked = self.run.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let packages: BTreeMap<String, Option<Package>> = asked.clone();
        let checked = self.run.members.iter().filter(|member| member.is_checked);
        let whole: FxHashSet<&OsStr> = outcome.whole.iter().map(|it| it.as_os_str()).collect();
        let broken = checked.map(Member::path).filter(|it| !whole.contains(it.as_os_str()));
        let broken: Vec<PathBuf> = broken.map(Path::to_owned).collect();
        let kept = Kept::of(outcome, broken, packages)?;
        Some((self.run.digest(&hashes)?, kept.written()?))
    }
}
