//! One entry, opened: envelope, heading, body parts, and its octets.

use std::sync::Arc;

use axum::{
    Json,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use restante_mhs::x413::oids::ID_ATT_CONTENT;
use restante_view::{Entry, FETCHED, LISTED, eml, files, tree};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Admin,
    error::ApiError,
    extract::Path,
    who::{Anyone, Monitor},
};

/// Octets of a content that are shown as a tree.
const TREE_OCTETS_MAX: usize = 1 << 20;

/// Octets of a content that is made a file of Internet mail, which is put together in memory.
const MAIL_OCTETS_MAX: usize = 64 << 20;

/// An element of an encoding.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TreeNode {
    /// How far inside it stands.
    pub(crate) depth: usize,
    /// Its tag, as ASN.1 writes it.
    #[schema(example = "[APPLICATION 2]")]
    pub(crate) tag: String,
    /// Octets of its contents.
    pub(crate) length: usize,
    /// Of a primitive one, its first contents in hexadecimal.
    pub(crate) hex: Option<String>,
    /// The same as text, where they are printable.
    pub(crate) text: Option<String>,
}

pub(super) fn operations() -> OpenApiRouter<Arc<Admin>> {
    OpenApiRouter::new()
        .routes(routes!(envelope))
        .routes(routes!(message))
        .routes(routes!(content))
        .routes(routes!(mail))
        .routes(routes!(part))
        .routes(routes!(octets))
}

/// An entry's envelope, without its content
///
/// Names are those of the standards in snake case. The entry's status stays as it is.
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/entries/{number}/envelope", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form"),
    ("number" = u32, Path)), responses((status = 200, body = Object),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn envelope(
    State(admin): State<Arc<Admin>>,
    _: Anyone,
    Path((address, number)): Path<(String, u32)>,
) -> Result<Json<serde_json::Value>, ApiError> {
    let work = move |admin: &Admin| {
        let entry = admin.entry(&address, number, false)?;
        let mut shown = entry.whole().json();
        shown.as_object_mut().map(|fields| fields.remove("content"));
        Ok(shown)
    };
    admin.blocking(work).await.map(Json)
}

/// An entry: envelope, heading and body parts
///
/// Names are those of the standards in snake case. The entry's status stays as it is.
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/entries/{number}", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form"),
    ("number" = u32, Path)), responses((status = 200, body = Object),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn message(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Path((address, number)): Path<(String, u32)>,
) -> Result<Json<serde_json::Value>, ApiError> {
    let work = move |admin: &Admin| Ok(admin.entry(&address, number, true)?.whole().json());
    admin.blocking(work).await.map(Json)
}

/// The content, octet for octet
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/entries/{number}/content", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form"),
    ("number" = u32, Path)), responses(
    (status = 200, body = [u8], content_type = "application/octet-stream"),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn content(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Path((address, number)): Path<(String, u32)>,
) -> Result<Response, ApiError> {
    let work = move |admin: &Admin| admin.content(&address, number);
    let content = admin.blocking(work).await?;
    Ok(download(&format!("{number}.ber"), content))
}

/// The entry as a file of Internet mail
///
/// By RFC 2156 and RFC 2157; a report by RFC 3464. O/R addresses are local parts of the domain
/// `x400.invalid`: the file is to be read, not to be sent on.
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/entries/{number}/eml", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form"),
    ("number" = u32, Path)), responses(
    (status = 200, body = [u8], content_type = "application/octet-stream"),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn mail(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Path((address, number)): Path<(String, u32)>,
) -> Result<Response, ApiError> {
    let work = move |admin: &Admin| {
        let entry = admin.entry(&address, number, true)?;
        if entry.content().is_some_and(|content| content.len() > MAIL_OCTETS_MAX) {
            let text = "it is too long for a file of Internet mail; keep the content instead";
            return Err(ApiError::invalid(text));
        }
        Ok(eml::eml(&entry))
    };
    let file = admin.blocking(work).await?;
    Ok(download(&format!("{number}.eml"), file.into()))
}

/// A body part as a file, counted from 1
///
/// Text as UTF-8, a file as it is, a forwarded message as a content of its own, anything else as
/// it is encoded. It is always a download, whatever its originator called it.
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/entries/{number}/parts/{part}",
    tag = "entries", params(("mailbox" = String, Path, description = "an O/R address in any form"),
    ("number" = u32, Path), ("part" = usize, Path)), responses(
    (status = 200, body = [u8], content_type = "application/octet-stream"),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn part(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Path((address, number, part)): Path<(String, u32, usize)>,
) -> Result<Response, ApiError> {
    let work = move |admin: &Admin| {
        let parts = files::body_parts(&admin.entry(&address, number, true)?);
        let found = part.checked_sub(1).and_then(|at| parts.into_iter().nth(at));
        found.ok_or_else(|| ApiError::not_found(format!("entry {number} has no body part {part}")))
    };
    let (name, octets) = admin.blocking(work).await?;
    Ok(download(&format!("{number}-{part}-{name}"), octets.to_bytes()))
}

/// The content as a tree of tags
///
/// Of a long content, its first mebibyte.
#[utoipa::path(get, path = "/api/mailboxes/{mailbox}/entries/{number}/tree", tag = "entries",
    params(("mailbox" = String, Path, description = "an O/R address in any form"),
    ("number" = u32, Path)), responses((status = 200, body = [TreeNode]),
    (status = 400, body = ApiError), (status = 401, body = ApiError),
    (status = 404, body = ApiError), (status = 422, body = ApiError)))]
async fn octets(
    State(admin): State<Arc<Admin>>,
    _: Monitor,
    Path((address, number)): Path<(String, u32)>,
) -> Result<Json<Vec<TreeNode>>, ApiError> {
    let work = move |admin: &Admin| admin.tree(&address, number);
    admin.blocking(work).await.map(Json)
}

/// A file that a browser keeps and does not show: what is in it was chosen by who knows whom.
fn download(name: &str, octets: Bytes) -> Response {
    let plain: String =
        name.chars().map(|c| if c.is_ascii() && c != '"' { c } else { '_' }).collect();
    let encoded = files::percent(name);
    let value = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let value = HeaderValue::from_str(&value);
    let disposition = value.unwrap_or_else(|_| HeaderValue::from_static("attachment"));
    let kind = HeaderValue::from_static("application/octet-stream");
    ([(header::CONTENT_DISPOSITION, disposition), (header::CONTENT_TYPE, kind)], octets)
        .into_response()
}

impl Admin {
    /// An entry with what people read of it.
    pub(crate) fn entry(
        &self,
        address: &str,
        number: u32,
        with_content: bool,
    ) -> Result<Entry, ApiError> {
        let mailbox = self.mailbox(address)?;
        let types = FETCHED.into_iter().chain(LISTED);
        let types: Vec<_> = types.filter(|oid| with_content || *oid != ID_ATT_CONTENT).collect();
        let found = self.shared.service.look(mailbox.id, number, &types)?;
        let found = found.ok_or_else(|| not_there(number))?;
        Ok(Entry::from(found))
    }

    /// An entry's content.
    pub(crate) fn content(&self, address: &str, number: u32) -> Result<Bytes, ApiError> {
        let content = self.entry(address, number, true)?.content();
        let content = content.ok_or_else(|| {
            ApiError::not_found(format!("entry {number} has no content; it is a report"))
        })?;
        Ok(content.to_bytes())
    }

    /// An entry's content as a tree of tags.
    pub(crate) fn tree(&self, address: &str, number: u32) -> Result<Vec<TreeNode>, ApiError> {
        let content = self.content(address, number)?;
        let nodes = tree::tree(&content[..content.len().min(TREE_OCTETS_MAX)]);
        let node = |tree::Node { depth, tag, length, hex, text }| TreeNode {
            depth,
            tag,
            length,
            hex,
            text,
        };
        Ok(nodes.into_iter().map(node).collect())
    }
}

fn not_there(number: u32) -> ApiError {
    ApiError::not_found(format!("there is no entry {number}"))
}
