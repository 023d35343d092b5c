//! Events of users.

use serde::{Deserialize, Serialize};

use super::UserStatus;
use crate::ids::UserId;
use crate::json::Extra;
use crate::personal::Personal;

/// `USER_CREATE_RESULT`: the outcome of a registration and its KYC check.
#[serde_with::skip_serializing_none]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct UserCreateResult {
    /// The user.
    pub user_id: UserId,
    /// What became of it.
    pub status: UserStatus,
    /// Why, if it was rejected.
    pub message: Option<Personal>,
    /// Fields that the contract doesn't name, as they came.
    #[serde(flatten)]
    pub extra: Extra,
}
