//! Sockets that make nobody wait: non-blocking ones, and those that have no connection.

use std::net::IpAddr;

use asynclint_semantic::{Comparison, ExprId, ExprKind, Handler, StmtKind};

use super::forms::{is_same, is_zero_text};
use crate::resolver::{ExprRef, Resolver};
use crate::types::Callee;

/// What asks a server for the address of a name, which comes first.
pub(super) const LOOK_UP: &[&str] = &["socket.getaddrinfo", "socket.gethostbyname"];

/// The errors of what is not ready and told not to wait.
const NOT_READY: &[&str] = &["BlockingIOError", "SSLWantReadError", "SSLWantWriteError"];

impl Resolver<'_> {
    /// Whether the file makes the socket a non-blocking one, or hands sockets to the loop, which
    /// takes no others.
    pub(super) fn is_non_blocking_socket(&self, at: ExprRef, sink: &str) -> bool {
        if !sink.starts_with("socket.socket.") && !sink.starts_with("ssl.") {
            return false;
        }
        let Some(socket) = self.receiver(at.module, at.body, at.id) else { return false };
        let facts = self.project.facts(at.module);
        let wanted = self.body_of(at).last_name(socket);
        facts.body_ids().any(|id| {
            let body = facts.body(id);
            body.expr_ids().any(|call| {
                let Some(callee) = body.callee(call) else { return false };
                let ExprKind::Attribute { value, name } = body.kind(callee) else { return false };
                match facts.outline.text(name) {
                    "setblocking" | "settimeout" => {
                        body.last_name(value) == wanted
                            && body.arguments(call).iter().any(|argument| {
                                let at = ExprRef { body: id, id: call, ..at };
                                matches!(body.kind(argument.value), ExprKind::Boolean(false))
                                    || is_zero_text(self, at, argument.value)
                            })
                    }
                    method => method.starts_with("sock_"),
                }
            })
        })
    }

    /// Whether the socket is one for datagrams, which has nobody to wait for, or the call only wraps
    /// the socket: one of a server, which has no connection yet, or to shake hands later.
    pub(super) fn is_of_no_connection(&self, at: ExprRef, sink: &str) -> bool {
        if sink.ends_with(".wrap_socket") {
            return self.passes(at, |keyword, value| {
                let value = self.body_of(at).kind(value);
                matches!(
                    (keyword, value),
                    (Some("server_side"), ExprKind::Boolean(true))
                        | (Some("do_handshake_on_connect"), ExprKind::Boolean(false))
                )
            });
        }
        let method = sink.strip_prefix("socket.socket.").unwrap_or_default();
        let Some(socket) = self.receiver(at.module, at.body, at.id) else { return false };
        let made = ExprRef { id: self.made_by(at.module, at.body, socket, true), ..at };
        matches!(method, "connect" | "connect_ex" | "send" | "sendall" | "sendto" | "sendmsg")
            && (self.mentions(made, &["SOCK_DGRAM"])
                || self.is_made_with(made, "SOCK_DGRAM")
                || self.is_about_datagrams(at))
    }

    /// Whether the function of the call names the kind of datagrams and no other: it may have asked
    /// `getaddrinfo` for what the socket is made of.
    fn is_about_datagrams(&self, at: ExprRef) -> bool {
        let facts = self.project.facts(at.module);
        let Some(datagrams) = facts.outline.names.get("SOCK_DGRAM") else { return false };
        let streams = facts.outline.names.get("SOCK_STREAM");
        let body = self.body_of(at);
        let Some(function) = facts.outline.function_of(body.expr(at.id).scope) else {
            return false;
        };
        let own = facts.outline.function(function);
        let names =
            |name| body.exprs_in_block(own.block).any(|id| body.last_name(id) == Some(name));
        names(datagrams) && !streams.is_some_and(names)
    }

    /// `gethostbyname("localhost")`, `getaddrinfo("10.0.0.1", port)`, and the same of what the code
    /// has found to be `"localhost"`: no server is asked for an address, or the name of the machine
    /// itself.
    pub(super) fn looks_up_itself(&self, at: ExprRef, sink: &str) -> bool {
        if !LOOK_UP.contains(&sink) {
            return false;
        }
        let body = self.body_of(at);
        let Some(host) = body.arguments(at.id).first().map(|argument| argument.value) else {
            return false;
        };
        let is_local = |id: ExprId| self.is_address(ExprRef { id, ..at });
        let says_so = |test: ExprId| match body.kind(test) {
            ExprKind::Compare { operator: Comparison::Equal, operands } => {
                matches!(body.list(operands), &[asked, text]
                    if is_same(body, asked, host) && is_local(text))
            }
            _ => false,
        };
        let stmt = body.expr(at.id).stmt;
        is_local(host) || body.is_under_if(stmt, says_so)
    }

    /// Whether the expression is written down as an address, or as the name of the machine itself.
    pub(super) fn is_address(&self, at: ExprRef) -> bool {
        match self.body_of(at).kind(at.id) {
            ExprKind::Str(Some(text)) => {
                let text = self.project.facts(at.module).outline.text(text);
                text.is_empty() || text == "localhost" || text.parse::<IpAddr>().is_ok()
            }
            ExprKind::None => true,
            _ => false,
        }
    }

    /// Whether the call stands in a `try` that takes `BlockingIOError`: what it works on is told not
    /// to wait, or there is no such error.
    pub(super) fn expects_not_to_wait(&self, at: ExprRef) -> bool {
        let facts = self.project.facts(at.module);
        let names = &facts.outline.names;
        if NOT_READY.iter().all(|name| names.get(name).is_none()) {
            return false;
        }
        let body = self.body_of(at);
        let stmt = body.expr(at.id).stmt;
        let is_wanted = |name| NOT_READY.contains(&facts.outline.text(name));
        let takes = |handler: &Handler| {
            body.list(handler.types).iter().filter_map(|&id| body.last_name(id)).any(is_wanted)
        };
        body.enclosing(stmt).any(|outer| match &body.stmt(outer).kind {
            StmtKind::Try(block) => {
                body.block_holds(block.body, stmt) && block.handlers.iter().any(takes)
            }
            _ => false,
        })
    }

    /// Whether the call is of a function of the project that names `constant`.
    fn is_made_with(&self, made: ExprRef, constant: &str) -> bool {
        let Callee::Known(maker) = self.callee(made.module, made.body, made.id) else {
            return false;
        };
        let facts = self.project.facts(maker.module);
        let own = self.project.function(maker);
        let body = facts.body(own.body);
        facts.outline.names.get(constant).is_some_and(|constant| {
            body.exprs_in_block(own.block).any(|id| body.last_name(id) == Some(constant))
        })
    }
}
