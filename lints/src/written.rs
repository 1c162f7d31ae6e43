//! How the code writes what is spoken of.

use asynclint_semantic::{BodyId, ExprId, ExprKind};

use crate::{Context, Site};

impl Context<'_> {
    /// How the file writes what a call calls, such as `self.session.get`; the last name alone if
    /// it is more than names and dots.
    pub fn written(&self, site: Site) -> String {
        let body = self.body(site.body);
        let callee = body.callee(site.expr).unwrap_or(site.expr);
        self.dotted(site.body, callee).unwrap_or_else(|| match body.kind(callee) {
            ExprKind::Attribute { name, .. } => self.facts().outline.text(name).to_owned(),
            ExprKind::Subscript { value, .. } => match self.dotted(site.body, value) {
                Some(container) => format!("{container}[...]"),
                None => "...[...]".to_owned(),
            },
            // `wrap(f)(x)`
            ExprKind::Call { .. } => {
                format!("{}(...)", self.written(Site { expr: callee, ..site }))
            }
            _ => "the call".to_owned(),
        })
    }

    /// How to name what a call calls in advice: as [`written`](Self::written), with the calls that
    /// make its object: `HTML(...).write_pdf`.
    pub fn written_whole(&self, site: Site) -> String {
        let body = self.body(site.body);
        match body.callee(site.expr).map(|callee| body.kind(callee)) {
            Some(ExprKind::Attribute { value, name }) if body.callee(value).is_some() => {
                let object = Site { expr: value, ..site };
                let given = if body.arguments(value).is_empty() { "" } else { "..." };
                let name = self.facts().outline.text(name);
                format!("{}({given}).{name}", self.written_whole(object))
            }
            _ => self.written(site),
        }
    }

    /// Names and dots as text.
    pub fn dotted(&self, body: BodyId, id: ExprId) -> Option<String> {
        let outline = &self.facts().outline;
        match self.body(body).kind(id) {
            ExprKind::Name(name) => Some(outline.text(name).to_owned()),
            ExprKind::Attribute { value, name } => {
                let object = self.dotted(body, value)?;
                Some(format!("{object}.{}", outline.text(name)))
            }
            _ => None,
        }
    }
}
