//! Runs every target of `fuzz/` for a few seconds: libFuzzer, with the flags that a stable compiler takes.

use std::path::Path;
use std::process::Command;

use crate::succeed;

/// Seconds a target.
const SECONDS: u32 = 10;

/// What makes libFuzzer see where an input leads: counters of branches, and what is compared.
const FLAGS: &[&str] = &[
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "--cfg=fuzzing",
];

/// Builds the targets and runs each, from its seeds and the inputs that earlier runs have kept.
///
/// # Errors
/// What could not be built, and the input that broke a target.
pub fn run(root: &Path) -> Result<(), String> {
    let host = host()?;
    let target = crate::target().join("fuzz");
    let mut build = crate::cargo();
    build
        .args(["build", "--release", "--manifest-path", "fuzz/Cargo.toml"])
        // So that what runs while it is built (macros, build scripts) is not built with these flags.
        .args(["--target", &host])
        .env("CARGO_TARGET_DIR", &target)
        .env("RUSTFLAGS", FLAGS.join(" "))
        .current_dir(root);
    let status = build.status().map_err(|error| format!("cargo: {error}"))?;
    if !status.success() {
        return Err(format!("the targets can't be built ({status})"));
    }
    let sources = std::fs::read_dir(root.join("fuzz/fuzz_targets"));
    let sources = sources.map_err(|error| format!("fuzz/fuzz_targets: {error}"))?;
    let mut names: Vec<_> = sources
        .flatten()
        .filter_map(|source| Some(source.path().file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    let programs = target.join(&host).join("release");
    let run = |name: &String| {
        let seeds = root.join("fuzz/seeds").join(name);
        try_inputs(&programs.join(name), name, &seeds, &target)
    };
    // Each takes its seconds on one core, so as many as there are cores take no longer.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    for some in names.chunks(cores) {
        std::thread::scope(|scope| {
            let started: Vec<_> = some.iter().map(|name| scope.spawn(|| run(name))).collect();
            let ended = started.into_iter().map(|one| one.join());
            ended
                .map(|one| one.map_err(|_| "a target's thread panicked".to_owned())?)
                .collect::<Result<Vec<()>, String>>()
        })?;
    }
    Ok(())
}

fn try_inputs(program: &Path, name: &str, seeds: &Path, target: &Path) -> Result<(), String> {
    let (inputs, broken) = (target.join("corpus").join(name), target.join("broken"));
    for folder in [&inputs, &broken] {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut fuzzer = Command::new(program);
    fuzzer
        .arg(inputs)
        .args(seeds.is_dir().then_some(seeds))
        .arg(format!("-max_total_time={SECONDS}"))
        .arg(format!("-artifact_prefix={}/{name}-", broken.display()))
        .args([
            "-max_len=1024",
            "-len_control=0",
            "-timeout=20",
            "-rss_limit_mb=2048",
        ])
        .args(["-verbosity=0", "-print_final_stats=1"]);
    let output = fuzzer.output();
    let output = output.map_err(|error| format!("{}: {error}", program.display()))?;
    println!(
        "{name}: {SECONDS} s\n{}",
        String::from_utf8_lossy(&output.stderr).trim_end()
    );
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "{name} ({}); the input is in {}",
        output.status,
        broken.display()
    ))
}

/// What the compiler calls this machine.
fn host() -> Result<String, String> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = succeed(Command::new(rustc).arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned)
        .ok_or_else(|| format!("rustc -vV names no host: {version}"))
}
