//! What the standard library keeps a thread waiting for, and what it does at once.

use crate::{BlockKind, Catalog};

fn kind(name: &str) -> Option<BlockKind> {
    Catalog::builtin().call(name).unwrap_or_else(|| panic!("{name} is not described")).blocks
}

fn all_block(expected: BlockKind, names: &[&str]) {
    for name in names {
        assert_eq!(kind(name), Some(expected), "{name}");
    }
}

#[test]
fn files() {
    all_block(
        BlockKind::FileIo,
        &[
            "builtins.open",
            "io.open",
            "io.TextIOWrapper.read",
            "pathlib.Path.read_text",
            "pathlib.PosixPath.write_bytes",
            "os.write",
            "os.walk",
            "glob.glob",
            "gzip.open",
            "json.load",
            "shutil.rmtree",
            "ssl.create_default_context",
            "tempfile.NamedTemporaryFile",
            "tempfile.TemporaryDirectory",
            "tarfile.TarFile.extractall",
            "zipfile.ZipFile.extractall",
        ],
    );
    all_block(
        BlockKind::FileMetadata,
        &[
            "os.stat",
            "os.path.exists",
            "posixpath.isfile",
            "os.DirEntry.stat",
            "pathlib.Path.mkdir",
            "pathlib.WindowsPath.exists",
            "shutil.which",
        ],
    );
}

#[test]
fn the_world_outside() {
    all_block(
        BlockKind::Http,
        &[
            "urllib.request.urlopen",
            "urllib.request.OpenerDirector.open",
            "http.client.HTTPSConnection.getresponse",
            "http.client.HTTPResponse.read",
        ],
    );
    all_block(
        BlockKind::Network,
        &[
            "socket.getaddrinfo",
            "socket.socket.recv",
            "ssl.SSLSocket.recv",
            "select.select",
            "selectors.DefaultSelector.select",
            "smtplib.SMTP_SSL.send_message",
            "ftplib.FTP_TLS.login",
            "imaplib.IMAP4_SSL",
            "http.server.HTTPServer.serve_forever",
        ],
    );
    all_block(BlockKind::Db, &["sqlite3.connect", "sqlite3.Connection.commit"]);
    all_block(BlockKind::Input, &["builtins.input", "getpass.getpass", "sys.stdin.readline"]);
    all_block(BlockKind::Cpu, &["lzma.compress", "zlib.decompress"]);
    all_block(BlockKind::PasswordHash, &["hashlib.pbkdf2_hmac", "hashlib.scrypt"]);
}

#[test]
fn processes_and_threads() {
    all_block(
        BlockKind::Subprocess,
        &["subprocess.run", "subprocess.Popen.wait", "os.system", "os.waitpid", "pty.spawn"],
    );
    all_block(
        BlockKind::ProcessStart,
        &["subprocess.Popen", "os.spawnv", "os.posix_spawn", "multiprocessing.Process.start"],
    );
    all_block(
        BlockKind::Lock,
        &[
            "queue.PriorityQueue.get",
            "multiprocessing.Process.join",
            "multiprocessing.synchronize.Lock.acquire",
            "multiprocessing.pool.ThreadPool.map",
        ],
    );
}

#[test]
fn what_is_done_at_once() {
    for name in [
        "builtins.print",
        "os.getcwd",
        "os.path.join",
        "pathlib.PurePath.with_suffix",
        "pathlib.Path.cwd",
        "io.BytesIO.read",
        "json.loads",
        "queue.Queue.put",
        "socket.socket.setblocking",
        "ssl.SSLObject.read",
        "subprocess.Popen.poll",
        "multiprocessing.pool.Pool.apply_async",
        "logging.Logger.info",
        "typing.TextIO.read",
        // These are as often made over memory as over a file.
        "gzip.GzipFile.read",
        "zipfile.ZipFile",
        "tarfile.open",
    ] {
        assert_eq!(kind(name), None, "{name}");
    }
}

/// `TextIOWrapper(BytesIO(...))` is no file, and what a program makes of one waits for nothing.
#[test]
fn what_is_wrapped_by_hand_does_not_block() {
    let catalog = Catalog::builtin();
    for wrapper in ["io.TextIOWrapper", "io.BufferedReader", "io.BufferedWriter"] {
        let made = catalog.call(wrapper).unwrap().returns.as_deref().unwrap();
        for method in ["read", "readline", "write", "flush"] {
            assert!(catalog.member(made, method).is_none_or(|call| call.blocks.is_none()));
        }
    }
    let opened = catalog.call("builtins.open").unwrap().returns.as_deref().unwrap();
    assert_eq!(catalog.member(opened, "write").unwrap().blocks, Some(BlockKind::FileIo));
}

#[test]
fn chains_lead_to_what_blocks() {
    let catalog = Catalog::builtin();
    for (start, steps, end) in [
        ("pathlib.Path.cwd", &["joinpath", "with_suffix"][..], "read_text"),
        ("sqlite3.connect", &["cursor", "execute"], "fetchall"),
        ("multiprocessing.get_context", &["Pool", "map_async"], "get"),
        ("logging.getLogger", &["getChild"], "info"),
        ("ssl.create_default_context", &["wrap_socket"], "recv"),
    ] {
        let mut class = catalog.call(start).unwrap().returns.as_deref().unwrap();
        for step in steps {
            class = catalog.member(class, step).unwrap().returns.as_deref().unwrap();
        }
        assert!(catalog.member(class, end).is_some(), "{start} ... {end}");
    }
    assert_eq!(catalog.attribute("pathlib.PosixPath", "parent"), Some("pathlib.Path"));
    assert_eq!(catalog.enters("tempfile.TemporaryDirectory"), Some("builtins.str"));
}
