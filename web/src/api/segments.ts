import { queryOptions } from "@tanstack/react-query";

import { api, dataOf } from "./http";
import { keys, type SegmentChangesQuery } from "./keys";
import type { Segment, WireGroup } from "./types";

/** The first hundred, without their sizes: nothing is counted, so it is cheap. */
export const segmentNamesQuery = queryOptions({
  queryKey: keys.segments.names,
  queryFn: ({ signal }) =>
    dataOf(api.GET("/api/v1/segments", { params: { query: { limit: 100, sizes: false } }, signal })),
});

/** With how many each holds now, and how that moved. */
export const segmentsQuery = (cursor: string | null) =>
  queryOptions({
    queryKey: keys.segments.list(cursor),
    queryFn: ({ signal }) => dataOf(api.GET("/api/v1/segments", { params: { query: { limit: 25, cursor } }, signal })),
  });

export const readSegment = (segmentId: string, signal?: AbortSignal) =>
  dataOf(api.GET("/api/v1/segments/{id}", { params: { path: { id: segmentId } }, signal: signal ?? null }));

export const segmentQuery = (segmentId: string) =>
  queryOptions({
    queryKey: keys.segments.one(segmentId),
    queryFn: ({ signal }) => readSegment(segmentId, signal),
  });

export const segmentVersionsQuery = ({ id, version }: Segment, cursor: string | null) =>
  queryOptions({
    queryKey: keys.segments.versions(id, version, cursor),
    queryFn: ({ signal }) => {
      const params = { path: { id }, query: { limit: 25, cursor } };
      return dataOf(api.GET("/api/v1/segments/{id}/versions", { params, signal }));
    },
  });

export const segmentSnapshotsQuery = (segmentId: string) =>
  queryOptions({
    queryKey: keys.segments.snapshots(segmentId),
    queryFn: ({ signal }) =>
      dataOf(api.GET("/api/v1/segments/{id}/snapshots", { params: { path: { id: segmentId } }, signal })),
  });

/** Who joined and who left between two snapshots. */
export const segmentChangesQuery = (query: SegmentChangesQuery) =>
  queryOptions({
    queryKey: keys.segments.changes(query),
    queryFn: ({ signal }) => {
      const { segmentId, from, to, change, cursor } = query;
      const params = { path: { id: segmentId } };
      const body = { from, to, change, cursor, limit: 25 };
      return dataOf(api.POST("/api/v1/segments/{id}/changes", { params, body, signal }));
    },
  });

interface Definition {
  name: string;
  rules: WireGroup;
}

export const createSegment = (body: Definition) => dataOf(api.POST("/api/v1/segments", { body }));

/** Answers a conflict if the stored version is no longer `version`. */
export const updateSegment = (segmentId: string, body: Definition & { version: number }) =>
  dataOf(api.PUT("/api/v1/segments/{id}", { params: { path: { id: segmentId } }, body }));

export const takeSnapshot = (segmentId: string) =>
  dataOf(api.POST("/api/v1/segments/{id}/snapshots", { params: { path: { id: segmentId } } }));

export const deleteSegment = (segmentId: string) =>
  dataOf(api.DELETE("/api/v1/segments/{id}", { params: { path: { id: segmentId } } }));
