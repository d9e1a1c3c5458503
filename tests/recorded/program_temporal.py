"""A workflow whose activities are the trip tools, traced by the interceptor of Temporal's SDK."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import scenarios
import stub_temporal
from opentelemetry import trace
from recording import Recorder
from scenario import Scenario
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

with workflow.unsafe.imports_passed_through():
    import trip_tools

recorder = Recorder("trip-assistant-temporal")
trace.set_tracer_provider(recorder.provider)


@activity.defn
def get_weather(city: str) -> str:
    return trip_tools.get_weather(city, "2026-05-08")


@activity.defn
def convert_currency(amount: int) -> str:
    return trip_tools.convert_currency(amount, "USD", "EUR")


@workflow.defn
class PlanTrip:
    """Asks for the weather, then for the price."""

    @workflow.run
    async def run(self, city: str) -> str:
        limit = timedelta(seconds=10)
        weather = await workflow.execute_activity(get_weather, city, start_to_close_timeout=limit)
        price = await workflow.execute_activity(convert_currency, 240, start_to_close_timeout=limit)
        return f"{weather} {price}"


def run(_scenario: Scenario) -> None:
    with stub_temporal.serve():
        asyncio.run(asyncio.wait_for(_run(), timeout=60))


async def _run() -> None:
    client = await Client.connect(stub_temporal.ADDRESS, interceptors=[TracingInterceptor()])
    worker = Worker(
        client,
        task_queue="trips",
        identity="worker",
        workflows=[PlanTrip],
        activities=[get_weather, convert_currency],
        activity_executor=ThreadPoolExecutor(max_workers=2),
        max_cached_workflows=0,  # the whole history comes with each task
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    async with worker:
        await client.execute_workflow(PlanTrip.run, "Lisbon", id="trip-42", task_queue="trips")


if __name__ == "__main__":
    untraced = replace(scenarios.CLEAN, are_tools_traced=False, are_model_calls_traced=False)
    recorder.record_all({"temporal_workflow": (untraced, run)})
