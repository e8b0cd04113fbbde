//! What waits to be written to a peer: pieces of what was encoded and of what is stored, written
//! together and never joined.

use std::io::{self, IoSlice};

use restante_ber::Rope;
use tokio::net::TcpStream;

/// How many pieces one write takes.
const PIECES_MAX: usize = 64;

/// The octets that wait for one connection.
#[derive(Debug, Default)]
pub(crate) struct Outgoing(Rope);

impl Outgoing {
    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none wait.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Puts more at the end.
    pub(crate) fn push(&mut self, octets: Rope) {
        self.0.append(octets);
    }

    /// Writes as much as the connection takes now; tells whether it took any.
    pub(crate) fn write_to(&mut self, stream: &TcpStream) -> io::Result<bool> {
        let mut written = false;
        while !self.is_empty() {
            let mut slices = [IoSlice::new(&[]); PIECES_MAX];
            let pieces = slices.iter_mut().zip(self.0.pieces());
            let count = pieces.map(|(slice, piece)| *slice = IoSlice::new(piece)).count();
            match stream.try_write_vectored(&slices[..count]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(length) => drop(self.0.split_to(length)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
            written = true;
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use tokio::{
        io::{AsyncReadExt, Interest},
        net::TcpListener,
    };

    use super::*;

    #[tokio::test]
    async fn all_pieces_arrive_in_order_through_a_peer_that_reads_slowly() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (mut peer, _) = listener.accept().await.unwrap();
        let octets: Vec<u8> = (0..8 << 20).map(|at: u32| (at % 253) as u8).collect();
        let whole = Bytes::from(octets);
        let mut outgoing = Outgoing::default();
        for start in (0..whole.len()).step_by(100_003) {
            outgoing.push(whole.slice(start..whole.len().min(start + 100_003)).into());
        }
        assert_eq!(outgoing.len(), whole.len());
        assert!(outgoing.write_to(&stream).unwrap());
        assert!(!outgoing.is_empty(), "the connection takes no 8 MiB at once");
        let write = async {
            while !outgoing.is_empty() {
                stream.ready(Interest::WRITABLE).await.unwrap();
                outgoing.write_to(&stream).unwrap();
            }
        };
        let mut read = vec![0; whole.len()];
        let (result, ()) = tokio::join!(peer.read_exact(&mut read), write);
        result.unwrap();
        assert!(read == whole);
    }
}
