//! `cargo run --example hello`: builds the image of `examples/hello` out of nothing but this checkout, and
//! shows its digest, which is the same for everybody.
#![allow(clippy::print_stdout)]

mod channel;

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    if let Err(error) = std::env::set_current_dir(&checkout) {
        println!("{}: {error}", checkout.display());
        return ExitCode::FAILURE;
    }
    channel::make(Path::new("examples/hello"), Path::new("target/hello/channel"));
    println!("$ {}", channel::COMMAND);
    let exit = mambox::run(channel::COMMAND.split_whitespace().map(Into::into));
    if exit == ExitCode::SUCCESS {
        println!("\nThe README states the digest that you should see. To run the image:");
        println!("$ docker load < target/hello/hello.tar");
        println!("$ docker run --rm hello:1");
    }
    exit
}
