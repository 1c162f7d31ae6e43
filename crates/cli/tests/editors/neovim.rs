//! The recipe for Neovim, headless.

use super::{CLEAN, DIRTY, Desk, recipe, run};
use crate::shared::tools;

/// Writes what is shown when the file was opened, when the text was changed and not saved, when the
/// config was broken, and when the text is clean again.
const DRIVER: &str = r#"
local seen = {}
local messages = {}
vim.notify = function(text) table.insert(messages, text) end
local function expect(count)
  local reached = vim.wait(60000, function() return #vim.diagnostic.get(0) == count end, 20)
  for _, found in ipairs(vim.diagnostic.get(0)) do
    table.insert(seen, ("%d:%d %d %s %s %s"):format(
      found.lnum, found.col, found.severity, found.source, found.code or "", found.message))
  end
  table.insert(seen, reached and "--" or "too late")
end
local function leave(text)
  vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(text, "\n"))
  vim.cmd("doautocmd InsertLeave")
end
expect(0)
local file = io.open("dirty.txt")
leave(file:read("*a"))
file:close()
expect(2)
vim.cmd("edit! | doautocmd BufWritePost")
expect(0)
vim.fn.writefile({ "slect = []" }, vim.fn.expand("%:p:h") .. "/asynclint.toml")
vim.cmd("doautocmd InsertLeave")
vim.wait(60000, function() return #messages > 0 end, 20)
table.insert(seen, (messages[1] or "nothing"):match("^[^\n]*"))
vim.fn.writefile(seen, "seen.txt")
vim.cmd("qa!")
"#;

#[test]
fn neovim_shows_what_is_found() {
    let Some(nvim) = tools::debian(&["nvim"], "neovim") else {
        return;
    };
    let desk = Desk::new(CLEAN);
    desk.put("home/.config/nvim/plugin/asynclint.lua", &recipe("Neovim", "lua"));
    desk.put("elsewhere/driver.lua", DRIVER);
    desk.put("elsewhere/dirty.txt", DIRTY);
    let mut command = nvim.command();
    if let Some(root) = &nvim.root {
        command.env("VIMRUNTIME", root.join("usr/share/nvim/runtime"));
    }
    let place = desk.path("elsewhere");
    let broken = format!("cd {} | luafile driver.lua", place.display());
    command.args(["--headless", "-n", "-i", "NONE", "app.py", "-c", &broken]);
    run(command.current_dir(desk.project()), &desk.path("home"));
    assert_eq!(
        desk.read("elsewhere/seen.txt"),
        "--\n\
         5:14 1 asynclint missing-await coroutine `repo.save` is never awaited\n\
         6:4 3 asynclint blocking-sleep `time.sleep` blocks the event loop in coroutine `main`\n\
         --\n--\nerror[invalid-config]: unknown key `slect`\n"
    );
}
