//! The recipe for Emacs, in batch mode.

use super::{CLEAN, DIRTY, Desk, recipe, run};
use crate::shared::tools;

/// Writes what Flymake shows when the file was opened, and when the text was changed and not saved.
const DRIVER: &str = r#"
(find-file "app.py")
(defvar seen "")
(defun expect (count)
  (flymake-start nil)
  (let ((late (+ (float-time) 60)))
    (while (and (< (float-time) late)
                (or (process-live-p asynclint--process)
                    (/= (length (flymake-diagnostics)) count)))
      (accept-process-output nil 0.05)))
  (dolist (found (sort (flymake-diagnostics)
                       (lambda (a b) (< (flymake-diagnostic-beg a) (flymake-diagnostic-beg b)))))
    (setq seen (concat seen (format "%d-%d %s %s\n" (flymake-diagnostic-beg found)
                                    (flymake-diagnostic-end found)
                                    (flymake-diagnostic-type found)
                                    (flymake-diagnostic-text found)))))
  (setq seen (concat seen "--\n")))
(expect 0)
(erase-buffer)
(insert-file-contents "../dirty.txt")
(expect 2)
(let ((coding-system-for-write 'utf-8))
  (write-region seen nil "../seen.txt"))
(set-buffer-modified-p nil)
"#;

#[test]
fn emacs_shows_what_is_found() {
    let Some(emacs) = tools::debian(&["emacs", "emacs-nox"], "emacs-nox") else {
        return;
    };
    let desk = Desk::new(CLEAN);
    desk.put("init.el", &recipe("Emacs", "elisp"));
    desk.put("driver.el", DRIVER);
    desk.put("dirty.txt", DIRTY);
    let mut command = emacs.command();
    if let Some(root) = &emacs.root {
        let [share, lib] = ["usr/share/emacs/28.2", "usr/libexec/emacs/28.2/x86_64-linux-gnu"]
            .map(|part| root.join(part));
        let mut folders = vec![share.join("lisp")];
        let inner = std::fs::read_dir(&folders[0]).expect("it comes with Lisp").flatten();
        folders.extend(inner.map(|entry| entry.path()).filter(|path| path.is_dir()));
        command.env("EMACSLOADPATH", std::env::join_paths(folders).expect("a path"));
        command.env("EMACSDATA", share.join("etc"));
        command.arg(format!("--dump-file={}", lib.join("emacs.pdmp").display()));
    }
    command.args(["--batch", "-Q", "-l", "../init.el", "-l", "../driver.el"]);
    run(command.current_dir(desk.project()), &desk.path("home"));
    let at = |text: &str| {
        let start = DIRTY.find(text).expect("it is there");
        let end = start + DIRTY[start..].find('\n').expect("a line");
        let position = |at: usize| DIRTY[..at].chars().count() + 1;
        format!("{}-{}", position(start), position(end))
    };
    assert_eq!(
        desk.read("seen.txt"),
        format!(
            "--\n{} :error [missing-await] coroutine `repo.save` is never awaited\n\
             {} :note [blocking-sleep] `time.sleep` blocks the event loop in coroutine `main`\n--\n",
            at("repo.save"),
            at("time.sleep")
        )
    );
}
