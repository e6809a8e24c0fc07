//! `${NAME}` in texts, as conda and mamba expand it in channels and configuration files.

/// Gives the value of an environment variable; libraries do not look themselves.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// Replaces every `${NAME}`; a dollar sign alone stays.
///
/// # Errors
/// The name of the first variable that has no value.
pub fn expand_variables(text: &str, lookup: Lookup<'_>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        let Some(length) = rest[start..].find('}') else { break };
        let name = &rest[start + 2..start + length];
        expanded.push_str(&rest[..start]);
        expanded.push_str(&lookup(name).ok_or_else(|| name.to_owned())?);
        rest = &rest[start + length + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced_once() {
        let lookup = |name: &str| match name {
            "TOKEN" => Some("tk-${TOKEN}".to_owned()),
            _ => None,
        };
        let expand = |text| expand_variables(text, &lookup);
        assert_eq!(expand("https://host/t/${TOKEN}/chan"), Ok("https://host/t/tk-${TOKEN}/chan".into()));
        assert_eq!(expand("$HOME ${open"), Ok("$HOME ${open".into()));
        assert_eq!(expand("${NOPE}/x"), Err("NOPE".into()));
    }
}
