package dev.backhaul

/** What happens in a session, for [Session.events]: the calls of a [SessionDelegate] as values. */
public sealed interface SessionEvent {
    /** What tells of one task. */
    public sealed interface OfTask : SessionEvent {
        /** The task. */
        public val task: TaskInfo
    }

    /** [SessionDelegate.didCreateTask]. */
    public data class TaskCreated(
        override val task: TaskInfo,
    ) : OfTask

    /** [SessionDelegate.taskIsWaiting]. */
    public data class TaskWaiting(
        override val task: TaskInfo,
        /** Why. */
        public val reason: WaitReason,
    ) : OfTask

    /** [SessionDelegate.didResumeAtOffset]. */
    public data class ResumedAtOffset(
        override val task: TaskInfo,
        /** The byte that it goes on from. */
        public val offset: Long,
        /** The whole length, if known. */
        public val expectedTotalBytes: Long?,
    ) : OfTask

    /** [SessionDelegate.didReceiveResponse]. */
    public data class ResponseReceived(
        override val task: TaskInfo,
        /** The head of the answer. */
        public val response: Response,
    ) : OfTask

    /** [SessionDelegate.didRestart]. */
    public data class Restarted(
        override val task: TaskInfo,
        /** Why. */
        public val reason: RestartReason,
        /** Bytes that were thrown away. */
        public val discarded: Long,
    ) : OfTask

    /** [SessionDelegate.didWriteData]. */
    public data class DataWritten(
        override val task: TaskInfo,
        /** How far. */
        public val progress: Progress,
    ) : OfTask

    /** [SessionDelegate.didFinishCollectingMetrics]. */
    public data class MetricsCollected(
        override val task: TaskInfo,
        /** What the task cost. */
        public val metrics: TaskMetrics,
    ) : OfTask

    /** [SessionDelegate.didFinishDownloadingTo]. */
    public data class DownloadFinished(
        override val task: TaskInfo,
        /** The file. */
        public val file: DownloadedFile,
    ) : OfTask

    /** [SessionDelegate.didComplete]. */
    public data class TaskCompleted(
        override val task: TaskInfo,
        /** Why there is no file. */
        public val error: TransferException?,
    ) : OfTask

    /** [SessionDelegate.didFinishEventsForBackgroundSession]. */
    public data object EventsFinished : SessionEvent

    /** [SessionDelegate.didCancelUnknownTransfer]. */
    public data class UnknownTransferCancelled(
        /** The transfer. */
        public val transfer: TransferId,
    ) : SessionEvent

    /** [SessionDelegate.didRecoverStore]. */
    public data class StoreRecovered(
        /** What could be saved. */
        public val recovery: StoreRecovery,
    ) : SessionEvent

    /** [SessionDelegate.didBecomeInvalid]. The last event. */
    public data class BecameInvalid(
        /** Why, if nobody asked for it. */
        public val error: TransferException?,
    ) : SessionEvent

    /** The collector was too slow: so many events before the next one were left out. */
    public data class Missed(
        /** How many. */
        public val count: Int,
    ) : SessionEvent
}
