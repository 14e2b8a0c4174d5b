// watchos,macos 6 error: 'BGTaskScheduler' is unavailable in
import BackgroundTasks

func scheduler() -> BGTaskScheduler { .shared }
