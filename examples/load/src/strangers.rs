//! Strangers who flood the nodes.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use crate::client::{Connection, PROXY};
use crate::owner::{self, World};
use crate::scenario::{NETWORKS, Strangers};
use crate::tally::Tally;
use crate::{provider, sockets};

/// Connections of a flood of requests.
const CONNECTIONS: u32 = 16;
const BURST: Duration = Duration::from_secs(9);

/// Starts strangers of one kind. They go on until the set is dropped.
pub fn start(strangers: Strangers, world: &Arc<World>, tasks: &mut JoinSet<()>) {
    // Where strangers have connections of their own, one node gets them all.
    let one = world.nodes[0];
    match strangers {
        Strangers::ManyAddresses => flood(&[one], world, tasks, 1_000, |_| {
            let network = rand::random_range(0..NETWORKS);
            let unknown = format!("guess{}@toko.example", rand::random::<u32>());
            (request(&unknown), ("x-forwarded-for", of_network(network)), "/reset/api/requests")
        }),
        Strangers::KnownAccounts => {
            let began = Instant::now();
            let limited = move || began.elapsed() < BURST;
            flood_while(&world.nodes, world, tasks, 300, limited, known_account);
        }
        Strangers::ForgedWebhooks => flood(&[one], world, tasks, 2_000, |number| {
            let body = provider::message("+6281255555555", &format!("kode{number}"));
            (body, (provider::SIGNATURE, provider::forged()), provider::WEBHOOK)
        }),
        Strangers::UnfinishedBodies => sockets::unfinished_bodies(one, world, tasks),
        Strangers::SlowHeads => sockets::slow_heads(one, world, tasks),
    }
}

type Call = (String, (&'static str, String), &'static str);

fn known_account(number: u32) -> Call {
    // Each request is from a network that was not seen before.
    let user = 1 + number % (owner::FIRST - 1);
    (request(&owner::email_of(user)), ("x-forwarded-for", of_network(number + NETWORKS)), "/reset/api/requests")
}

fn request(email: &str) -> String {
    json!({"by": "email", "identifier": email}).to_string()
}

/// An address of the network with this number, none of which is an owner's.
fn of_network(number: u32) -> String {
    let [_, high, middle, low] = number.to_be_bytes();
    Ipv4Addr::new(130 + high, middle, low, rand::random_range(1..255)).to_string()
}

fn flood(
    nodes: &[SocketAddr],
    world: &Arc<World>,
    tasks: &mut JoinSet<()>,
    rate: u32,
    call: impl Fn(u32) -> Call + Copy + Send + 'static,
) {
    flood_while(nodes, world, tasks, rate, || true, call);
}

/// Sends these calls at this rate, over some connections of a proxy.
fn flood_while(
    nodes: &[SocketAddr],
    world: &Arc<World>,
    tasks: &mut JoinSet<()>,
    rate: u32,
    goes_on: impl Fn() -> bool + Copy + Send + 'static,
    call: impl Fn(u32) -> Call + Copy + Send + 'static,
) {
    let numbers = Arc::new(AtomicU32::new(0));
    for connection in 0..CONNECTIONS {
        let (world, numbers) = (Arc::clone(world), Arc::clone(&numbers));
        let node = nodes[connection as usize % nodes.len()];
        tasks.spawn(async move {
            let mut ticks = interval(Duration::from_secs(1) * CONNECTIONS / rate);
            ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            let mut open = None;
            while goes_on() {
                ticks.tick().await;
                open = send(open, node, &world, call(numbers.fetch_add(1, Ordering::Relaxed))).await;
            }
        });
    }
}

/// Sends one call; gives the connection back while it works.
async fn send(open: Option<Connection>, node: SocketAddr, world: &World, call: Call) -> Option<Connection> {
    let (body, (name, value), path) = call;
    let mut connection = match open {
        Some(open) => open,
        None => match Connection::open(PROXY, node).await {
            Ok(connection) => connection,
            Err(_) => {
                sleep(Duration::from_millis(100)).await;
                return None;
            }
        },
    };
    Tally::add(&world.tally.strange);
    let asks = path != provider::WEBHOOK;
    if asks {
        Tally::add(&world.tally.requested);
    }
    let answer = connection.call(path, &[(name, &value)], &body).await.ok();
    if asks {
        world.tally.answered(answer.as_ref().map(|answer| answer.status));
    }
    answer.map(|_| connection)
}
