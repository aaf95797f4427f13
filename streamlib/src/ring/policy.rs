//! How a reader takes items from a ring: the newest, or every one in order.

/// How a reader takes items from a ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Policy {
    /// The newest item; what was published before it and not read in time is overwritten.
    #[default]
    Latest,
    /// Every item in the order of publishing, as long as the reader is at most `depth` items behind;
    /// beyond that the oldest are overwritten, and counted.
    Every {
        /// How many unread items the ring keeps for this reader, 1 or more. Each costs one slot.
        depth: usize,
    },
}

impl Policy {
    /// How many slots this reader adds to a ring: unread items kept for it. `Latest` keeps one.
    #[must_use]
    pub const fn depth(self) -> usize {
        match self {
            Self::Latest => 1,
            Self::Every { depth } => depth,
        }
    }
}
