# ruff: noqa: N802 - the names are those of the service
"""A loopback server that plays so much of Temporal's as one workflow of activities in a row needs."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.timestamp_pb2 import Timestamp
from temporalio.api.enums.v1 import CommandType, EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import request_response_pb2 as messages
from temporalio.api.workflowservice.v1.service_pb2_grpc import (
    WorkflowServiceServicer,
    add_WorkflowServiceServicer_to_server,
)

ADDRESS = "127.0.0.1:18713"
LONGEST_POLL_S = 1.0


class StubTemporal(WorkflowServiceServicer):  # type: ignore[misc] # generated without types
    """One run at a time: its history grows by what the worker answers."""

    def __init__(self) -> None:
        self._events: list[HistoryEvent] = []
        self._workflow_tasks: queue.Queue[int] = queue.Queue()
        self._activities: queue.Queue[tuple[int, Any]] = queue.Queue()
        self._started: Any = None
        self._last_started = 0
        self._is_over = threading.Event()

    def ShutdownWorker(self, request: Any, context: Any) -> Any:
        return messages.ShutdownWorkerResponse()

    def GetSystemInfo(self, request: Any, context: Any) -> Any:
        return messages.GetSystemInfoResponse(server_version="1.29.0")

    def DescribeNamespace(self, request: Any, context: Any) -> Any:
        return messages.DescribeNamespaceResponse()

    def StartWorkflowExecution(self, request: Any, context: Any) -> Any:
        self._started = request
        self._add(
            EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
            workflow_execution_started_event_attributes={
                "workflow_type": request.workflow_type,
                "task_queue": request.task_queue,
                "input": request.input,
                "header": request.header,
                "original_execution_run_id": "run-1",
                "first_execution_run_id": "run-1",
                "attempt": 1,
            },
        )
        self._schedule()
        return messages.StartWorkflowExecutionResponse(run_id="run-1", started=True)

    def PollWorkflowTaskQueue(self, request: Any, context: Any) -> Any:
        try:
            started = self._workflow_tasks.get(timeout=LONGEST_POLL_S)
        except queue.Empty:
            return messages.PollWorkflowTaskQueueResponse()
        return messages.PollWorkflowTaskQueueResponse(
            task_token=b"workflow",
            workflow_execution={"workflow_id": self._started.workflow_id, "run_id": "run-1"},
            workflow_type=self._started.workflow_type,
            workflow_execution_task_queue=self._started.task_queue,
            started_event_id=started,
            previous_started_event_id=self._last_started,  # what was before is replayed, and leaves no spans again
            attempt=1,
            history={"events": self._events},
            scheduled_time=_now(),
            started_time=_now(),
        )

    def RespondWorkflowTaskCompleted(self, request: Any, context: Any) -> Any:
        self._last_started = len(self._events)
        completed = self._add(
            EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
            workflow_task_completed_event_attributes={
                "scheduled_event_id": len(self._events) - 1,
                "started_event_id": len(self._events),
                "sdk_metadata": request.sdk_metadata,
            },
        )
        for command in request.commands:
            if command.command_type == CommandType.COMMAND_TYPE_SCHEDULE_ACTIVITY_TASK:
                self._schedule_activity(command.schedule_activity_task_command_attributes, completed)
            elif command.command_type == CommandType.COMMAND_TYPE_COMPLETE_WORKFLOW_EXECUTION:
                self._add(
                    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
                    workflow_execution_completed_event_attributes={
                        "result": command.complete_workflow_execution_command_attributes.result,
                        "workflow_task_completed_event_id": completed,
                    },
                )
                self._is_over.set()
        return messages.RespondWorkflowTaskCompletedResponse()

    def PollActivityTaskQueue(self, request: Any, context: Any) -> Any:
        try:
            scheduled, asked = self._activities.get(timeout=LONGEST_POLL_S)
        except queue.Empty:
            return messages.PollActivityTaskQueueResponse()
        return messages.PollActivityTaskQueueResponse(
            task_token=str(scheduled).encode(),
            workflow_execution={"workflow_id": self._started.workflow_id, "run_id": "run-1"},
            workflow_type=self._started.workflow_type,
            activity_id=asked.activity_id,
            activity_type=asked.activity_type,
            header=asked.header,
            input=asked.input,
            attempt=1,
            start_to_close_timeout=asked.start_to_close_timeout,
            scheduled_time=_now(),
            current_attempt_scheduled_time=_now(),
            started_time=_now(),
        )

    def RespondActivityTaskCompleted(self, request: Any, context: Any) -> Any:
        scheduled = int(request.task_token)
        started = self._add(
            EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
            activity_task_started_event_attributes={"scheduled_event_id": scheduled, "attempt": 1},
        )
        self._add(
            EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
            activity_task_completed_event_attributes={
                "result": request.result,
                "scheduled_event_id": scheduled,
                "started_event_id": started,
            },
        )
        self._schedule()
        return messages.RespondActivityTaskCompletedResponse()

    def GetWorkflowExecutionHistory(self, request: Any, context: Any) -> Any:
        if not self._is_over.wait(LONGEST_POLL_S):
            return messages.GetWorkflowExecutionHistoryResponse(next_page_token=b"more")
        return messages.GetWorkflowExecutionHistoryResponse(history={"events": self._events[-1:]})

    def _schedule(self) -> None:
        scheduled = self._add(
            EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
            workflow_task_scheduled_event_attributes={"task_queue": self._started.task_queue, "attempt": 1},
        )
        started = self._add(
            EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
            workflow_task_started_event_attributes={"scheduled_event_id": scheduled},
        )
        self._workflow_tasks.put(started)

    def _schedule_activity(self, asked: Any, completed: int) -> None:
        scheduled = self._add(
            EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
            activity_task_scheduled_event_attributes={
                "activity_id": asked.activity_id,
                "activity_type": asked.activity_type,
                "task_queue": asked.task_queue,
                "input": asked.input,
                "header": asked.header,
                "workflow_task_completed_event_id": completed,
            },
        )
        self._activities.put((scheduled, asked))

    def _add(self, event_type: Any, **attributes: Any) -> int:
        event = HistoryEvent(event_id=len(self._events) + 1, event_type=event_type, **attributes)
        event.event_time.CopyFrom(_now())
        self._events.append(event)
        return int(event.event_id)


def _now() -> Timestamp:
    now = Timestamp()
    now.GetCurrentTime()
    return now


@contextmanager
def serve() -> Iterator[None]:
    server = grpc.server(ThreadPoolExecutor(max_workers=32))
    add_WorkflowServiceServicer_to_server(StubTemporal(), server)
    server.add_insecure_port(ADDRESS)
    server.start()
    try:
        yield
    finally:
        server.stop(grace=None).wait()
