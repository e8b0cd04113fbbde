//! What a request that can't be answered is answered: a status and a JSON object with a word for
//! programs and a sentence for people.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use restante_directory::DirectoryError;
use restante_ms::{NotFound, NotRemoved};
use restante_storage::StorageError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::events::{Fact, tell};

/// What is told where something here failed: the reason is the operator's alone.
const FAULT: &str = "the store failed at this; the event admin-failed in its log says why";

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Error)]
pub(crate) struct ApiError {
    #[serde(skip)]
    status: u16,
    /// A word for programs.
    #[schema(example = "not-found")]
    error: &'static str,
    /// What is wrong and what to do, for people.
    message: String,
}

impl ApiError {
    fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self { status: status.as_u16(), error, message: message.into() }
    }

    /// What is asked for is not there.
    pub(crate) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", message)
    }

    /// The request says what can't be.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    /// The request can't be read.
    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", message)
    }

    /// The state of things does not allow it.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", message)
    }

    /// Nobody is signed in.
    pub(crate) fn not_signed_in() -> Self {
        let text = "sign in first: POST /api/session, then Authorization: Bearer TOKEN";
        Self::new(StatusCode::UNAUTHORIZED, "not-signed-in", text)
    }

    /// Name or password is wrong.
    pub(crate) fn wrong_sign_in() -> Self {
        let text = "no such name, or a wrong password";
        Self::new(StatusCode::UNAUTHORIZED, "wrong-sign-in", text)
    }

    /// Too many wrong passwords.
    pub(crate) fn too_many_attempts(seconds: u64) -> Self {
        let text = format!("too many wrong passwords; try again in {seconds} seconds");
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too-many-attempts", text)
    }

    /// Whoever is signed in may not.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", message)
    }

    /// It can't be done now.
    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", message)
    }

    /// Something here failed: the operator is told why, the client only that it was so.
    pub(crate) fn fault(reason: impl std::fmt::Display) -> Self {
        tell(Fact::AdminFailed { reason: &reason });
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "fault", FAULT)
    }

    /// For people.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// Its status.
    pub(crate) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        (self.status(), Json(self)).into_response()
    }
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::NoMailbox(_) => Self::not_found("there is no such mailbox"),
            StorageError::Stopped(_) | StorageError::NoSpace { .. } => {
                Self::unavailable(error.to_string())
            }
            error => Self::fault(error),
        }
    }
}

impl From<NotFound> for ApiError {
    fn from(error: NotFound) -> Self {
        match error {
            NotFound::Filter(error) => {
                Self::invalid(format!("the filter can't be answered: {error}"))
            }
            NotFound::Storage(error) => error.into(),
        }
    }
}

impl From<NotRemoved> for ApiError {
    fn from(error: NotRemoved) -> Self {
        match error {
            NotRemoved::TooMuch => Self::invalid(error.to_string()),
            NotRemoved::Storage(error) => error.into(),
        }
    }
}

impl From<DirectoryError> for ApiError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Unknown { .. } => Self::not_found(error.to_string()),
            DirectoryError::Exists { .. } | DirectoryError::LastManager { .. } => {
                Self::conflict(error.to_string())
            }
            DirectoryError::Address { .. }
            | DirectoryError::MtaName { .. }
            | DirectoryError::ManagerName { .. }
            | DirectoryError::PasswordEmpty
            | DirectoryError::PasswordTooLong { .. } => Self::invalid(error.to_string()),
            error => Self::fault(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn why_something_failed_is_told_to_no_client() {
        let error = ApiError::fault("/var/lib/restante/index can't be read");
        assert_eq!(error.message(), FAULT);
        let response = error.into_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(!String::from_utf8_lossy(&body).contains("/var"), "{body:?}");
    }
}
