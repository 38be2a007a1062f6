//! Hashes: the cost of the pool relative to bare Argon2id, and its throughput.

use std::hint::black_box;
use std::sync::Arc;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use benches::ratio;
use criterion::{Criterion, Throughput};
use password_reset::Password;

const MEMORY_KIB: u32 = 19 * 1024;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().build().expect("a runtime");
    let pool = benches::pool();
    let password = Arc::new(Password::new("quiet umbrella festival 92"));
    let params = Params::new(MEMORY_KIB, 2, 1, Some(32)).expect("parameters");
    let bare = Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone());
    let mut arena = vec![Block::default(); params.block_count()];
    let mut bare_argon2 = || {
        let mut tag = [0; 32];
        bare.hash_password_into_with_memory(b"quiet umbrella festival 92", &[7; 16], &mut tag, &mut arena)
            .expect("hashed");
        black_box(tag);
    };
    let one = || drop(black_box(runtime.block_on(pool.hash(&password)).expect("hashed")));
    let many = |count: usize| {
        runtime.block_on(async {
            let tasks: Vec<_> = (0..count)
                .map(|_| {
                    let (pool, password) = (pool.clone(), Arc::clone(&password));
                    tokio::spawn(async move { pool.hash(&password).await.expect("hashed") })
                })
                .collect();
            for task in tasks {
                black_box(task.await.expect("not cancelled"));
            }
        });
    };

    let mut criterion = Criterion::default().configure_from_args().sample_size(20);
    let mut group = criterion.benchmark_group("hash");
    group.bench_function("bare Argon2id, own memory", |bencher| bencher.iter(&mut bare_argon2));
    group.bench_function("pool, one at a time", |bencher| bencher.iter(one));
    for count in [2, 8] {
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(format!("pool, {count} at a time"), |bencher| bencher.iter(|| many(count)));
    }
    group.finish();
    criterion.final_summary();

    ratio("pool, one at a time / bare Argon2id", &mut bare_argon2, one);
}
