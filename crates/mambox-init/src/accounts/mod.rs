//! `_dockerfile_initialize_user_accounts.sh`: the account that the image runs as, in any base.
//!
//! The account files are edited here and not by useradd or adduser, which differ between families of
//! Linux and which many bases lack (passwd(5), group(5), shadow(5), gshadow(5)).

mod error;
mod home;
mod initialize;
mod wanted;

pub(crate) use initialize::initialize;
