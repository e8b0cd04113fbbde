//! Refuses peers for whom there is no place: their transport connection, with the reason that
//! X.224 has for it, so that they know that it is worth trying again.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use restante_osi::{
    MemoryBuffers,
    x224::{DisconnectReason, ResponderOptions, TPDU_SIZE_MAX, Transport},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
    time::timeout,
};

use crate::{
    admission::Full,
    events::{Fact, tell},
};

/// How many peers are told at the same time; any more are disconnected without a word.
const REFUSALS_MAX: usize = 32;
/// How long one may take to ask and to hang up.
const REFUSAL_TIME: Duration = Duration::from_secs(2);
/// More than a CR ever is, octets.
const CR_OCTETS_MAX: usize = 512;

/// The peers that are being refused.
pub(crate) struct Refusals(Arc<Semaphore>);

impl Default for Refusals {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(REFUSALS_MAX)))
    }
}

impl Refusals {
    /// Refuses this peer in the background.
    pub(crate) fn refuse(&self, stream: TcpStream, peer: SocketAddr, why: &Full) {
        tell(Fact::PeerRefused { peer: &peer, why });
        let Ok(turn) = self.0.clone().try_acquire_owned() else { return };
        tokio::spawn(async move {
            let _turn = turn;
            // A peer that does not even ask is not told.
            let _ = timeout(REFUSAL_TIME, refuse(stream)).await;
        });
    }
}

async fn refuse(mut stream: TcpStream) -> std::io::Result<()> {
    let mut transport = Transport::responder(ResponderOptions {
        selectors: Vec::new(),
        tpdu_size: TPDU_SIZE_MAX,
        tsdu_limit: CR_OCTETS_MAX,
        refuse: Some(DisconnectReason::REMOTE_CONGESTION),
    });
    let mut buffers = MemoryBuffers::new(CR_OCTETS_MAX);
    let mut octets = [0; CR_OCTETS_MAX];
    loop {
        let length = stream.read(&mut octets).await?;
        let over = transport.input(&octets[..length], &mut buffers).is_err() || length == 0;
        while let Some(answer) = transport.poll_transmit() {
            stream.write_all(&answer.to_bytes()).await?;
        }
        if over {
            return stream.shutdown().await;
        }
    }
}
